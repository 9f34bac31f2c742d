"""What a VIM is to the orchestrator, and one folder for each kind of VIM.

``resources``    specs of what can be asked of any VIM
``contract``     the verbs every adapter has, and what they promise
``capabilities`` what one VIM can do
``errors``       why a call did not do what was asked, named by the caller's next move
``guarded``      deadline, rate limit, metrics and a check of lawfulness around every adapter
``registry``     from a kind of VIM to its adapter: the one place that branches on the kind
``performer``    VIM resources as steps of a plan
``conformance``  the kit of tests that every adapter must pass
``simulated``    the reference adapter, and the VIM it drives
"""
