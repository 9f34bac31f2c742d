"""The TOSCA front end: documents, imports, types, topologies. It knows no more of NFV than its built-in types do.

Phases, each with a room of its own: ``documents`` (YAML with places), ``imports`` (which documents), ``types`` (names
to flattened types), ``values`` (values against schemas), ``topology`` (templates, groups, policies), ``template``
(all).
"""
