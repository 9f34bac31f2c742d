"""Service templates in general: TOSCA Simple 1.0 to 1.3 and TOSCA 2.0, checked and read as topologies.

Phases, each with a room of its own: ``grammar`` (which keynames, by version), ``structure`` (documents against the
grammar), ``names`` (namespaces, imports, profiles), ``kinds`` (types with what they inherit), ``definitions`` (what is
wrong with types), ``schemas`` (values against schemas), ``clauses`` (validation functions), ``templates`` (nodes and
what connects them), ``collectives`` (groups, policies, workflows, substitution), ``reading`` (all).

VNF and network service descriptors go another way, which reads the slips of real ones as they are meant
(`descriptors/tosca/topology_reading.py`).
"""
