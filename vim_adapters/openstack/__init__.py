"""The adapter of OpenStack clouds, on openstacksdk; see ``adapter``.

``access``       a VIM connection as what openstacksdk needs to know
``session``      the blocking calls: services found, tokens kept, pauses obeyed
``failures``     from what OpenStack answers to the contract's errors
``marks``        whose a resource is, written on it
``discovery``    what this cloud offers, in versions, extensions and zones
``collections``  one kind of resource each, behind one protocol
``cloud``        the verbs of the contract over all collections
``adapter``      the verbs on threads of their own, for the event loop
"""
