"""Lifecycle operations of VNF instances (SOL003 clauses 5.4 and 5.6): the only code here that calls a VIM."""
