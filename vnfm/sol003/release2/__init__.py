"""SOL003 as release 2.6.1 has it: how its requests and representations differ from those of release 3.7.1.

The house speaks release 3. Requests of release 2 are turned into it as they come in, and what is shown to a client of
release 2 is turned back; nothing in between knows that there are two.
"""
