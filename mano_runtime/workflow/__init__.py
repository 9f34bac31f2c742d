"""Every operation is the difference between two graphs, written down as a plan and carried out from a journal.

Values:

``graph``       what exists and what is wanted: resources, their specs and the references between them
``plan``        the difference of two graphs as an ordered, frozen set of steps; the state after some of them
``operation``   an operation's record and its state machine
``settlement``  what an operation's plans and journal come to: what exists, the way back, the way forward again
``trust``       which recorded resources the next plan may take for granted
``progress``    where each step stands, for people to watch
``problem``     failures as problem details

What a functional block supplies:

``logic``       one level's planning and inventory
``performer``   the steps on one kind of resource

Machinery:

``journal``       which step was begun and which ended, durable before and after each call to the outside
``executor``      walks a plan against its journal
``cancellation``  how an attempt is brought to an end before its time
``patience``      how long to try again by oneself before a person is asked
``attempt``       prepares, walks and settles one operation, once
``attempts``      all that are at work in this process
``records``       operations in the database
``telling``       tells an operation's room of each state
``engine``        the way in
"""
