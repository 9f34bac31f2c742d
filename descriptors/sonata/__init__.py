"""Descriptors in the language of SONATA and 5GTANGO (``descriptor_schema: .../vnfd-schema.yml``), read as a courtesy.

They are not TOSCA and not ETSI's. What they share with the NFV model is read: machines, links, connection points,
constituents. Monitoring rules, managers of single functions and forwarding graphs are passed over.

A connection point of the function is what ETSI calls an external connection point, and its name is the requirement that
a network service binds; a link that joins it with one connection point of a unit exposes that one.
"""

from descriptors.sonata.project import Sonata, recognise

__all__ = ["Sonata", "recognise"]
