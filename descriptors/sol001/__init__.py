"""What a TOSCA topology means to NFV (SOL001): node templates and policies in, the NFV model out.

The topology has been checked; what is read here past a reported problem is read leniently, so that one slip never hides
the next.
"""
