"""The words of release 2.6.1 for what the house says in those of release 3.

``packages``  VNF packages
"""
