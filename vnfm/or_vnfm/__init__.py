"""The NFVO elsewhere, over HTTP: how a VNFM in a process of its own gets grants and packages (SOL003 clauses 9, 10)."""
