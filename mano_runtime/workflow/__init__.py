"""Every operation is the difference between two graphs, written down as a plan and carried out from a journal.

``graph``     what exists and what is wanted: resources, their specs and the references between them
``plan``      the difference of two graphs as an ordered, frozen set of steps; the state after some of them
``journal``   which step was begun and which ended, durable before and after each call to the outside
``executor``  walks a plan against its journal
``operation`` an operation's record and its state machine
``engine``    dispatches attempts of operations durably, and takes them up again after a crash
"""
