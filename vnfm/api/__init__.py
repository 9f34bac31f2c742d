"""The VNF lifecycle management interface over HTTP (SOL003 clause 5)."""
