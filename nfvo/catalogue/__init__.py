"""What can be instantiated: VNF packages and NS descriptors, from upload to use (SOL005 clauses 5 and 9).

``entries``     what is recorded of a package or descriptor, and the states it goes through
``tables``      where that is kept
``sources``     where contents are fetched from, and who we are there
``downloads``   fetching them
``external``    what a content names by a URI instead of carrying it
``onboarding``  from an uploaded content to an onboarded entry, or to an error that says what is wrong
``content``     an onboarded content, opened for reading
``selection``   which of its files make up what is asked for
``catalogue``   entries by what one wants to do with them; the VNFM's view of packages
"""
