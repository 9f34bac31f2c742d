"""The command line ``mano`` and the demonstration: clients of the public REST interfaces."""
