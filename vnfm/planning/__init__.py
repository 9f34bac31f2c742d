"""Pure functions from a VNFD, a size, connectivity and a grant to the resources that shall exist.

Nothing here does I/O. The difference between two desired states is an operation's plan.
"""
