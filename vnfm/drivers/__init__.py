"""Drivers: the ways to have something done to a VNF besides making its resources (day 0 to 2).

``contract``      what a driver is, and what it is told of a run
``registry``      which drivers there are, and which one an artifact is for
``confinement``   what a process of a package may reach
``processes``     processes that are run to their end or killed whole
``supervisor``    the program between the orchestrator and such a process
``workplace``     a run's own directory with the files of the package
``components``    which guests a script is for
``local``, ``ssh``, ``ansible``, ``coordination``   the drivers
``conformance``   the kit of tests that every driver must pass

A driver knows nothing of descriptors, plans or databases.
"""
