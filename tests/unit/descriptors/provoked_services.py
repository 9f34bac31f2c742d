"""Findings about service templates in general."""

from provocation import MARK, TYPES, changed, document

_SERVICE = """\
tosca_definitions_version: tosca_2_0
description: A shop
data_types:
  Size:
    derived_from: scalar
    data_type: integer
    units: { B: 1, GB: 1000000000 }
capability_types:
  Hosting: {}
  Talking: {}
relationship_types:
  HostedOn: {}
node_types:
  Machine:
    properties:
      memory: { type: Size }
    capabilities:
      hosting: Hosting
  Shop:
    properties:
      port: { type: integer, validation: { $less_than: [ $value, 65536 ] } }
    requirements:
      - host: { capability: Hosting, relationship: HostedOn, count_range: [ 1, 1 ] }
group_types:
  Machines:
    members: [ Machine ]
service_template:
  inputs:
    door: { type: integer, default: 80 }
  node_templates:
    machine:
      type: Machine
      properties: { memory: 4 GB }
    shop:
      type: Shop
      properties:
        port: { $get_input: door }
      requirements:
        - host: machine
  groups:
    all: { type: Machines, members: [ machine ] }
"""
"""A whole service template with nothing wrong in it."""


_SMALL = f"""\
  Small:
    derived_from: Machine
    properties:
      {MARK}memory: {{ type: integer }}
group_types:
"""


def _service(code, *changes):
    return document(code, changed(_SERVICE, *changes))


SERVICES = (
    document(
        "tosca-value-for-definition",
        f"{TYPES}node_types:\n  Door:\n    derived_from: tosca.nodes.Root\n    properties:\n      {MARK}port: 80\n"
        "topology_template:\n  node_templates:\n    door: { type: Door }\n",
    ),
    _service(
        "tosca-version-not-first",
        ("tosca_definitions_version: tosca_2_0\ndescription: A shop\n",
         f"description: A shop\n{MARK}tosca_definitions_version: tosca_2_0\n"),
    ),
    _service(
        "tosca-missing-keyname",
        ("node_types:\n", f"repositories:\n  {MARK}ours: {{ description: no address }}\nnode_types:\n"),
    ),
    _service("tosca-empty-section", ("  groups:\n", f"  {MARK}outputs:\n  groups:\n")),
    _service(
        "tosca-undefined-name",
        ("      properties: { memory: 4 GB }\n",
         f"      attributes:\n        {MARK}address: a\n      properties: {{ memory: 4 GB }}\n"),
    ),
    _service(
        "tosca-refinement",
        ("group_types:\n", _SMALL),
    ),
    _service("tosca-scalar-units", ("units: { B: 1, GB", f"{MARK}units: {{ KB: 1000, GB")),
    _service("tosca-unknown-function", ("validation: { $less_than", f"{MARK}validation: {{ $lesser_than")),
    _service("tosca-wrong-arguments", ("validation: { $less_than: [ $value, 65536 ] }",
                                       f"{MARK}validation: {{ $less_than: [ $value ] }}")),
    _service(
        "tosca-optional-input",
        ("door: { type: integer, default: 80 }", "door: { type: integer, required: false }"),
        ("        port: { $get", f"        {MARK}port: {{ $get"),
    ),
    _service(
        "tosca-count",
        ("      requirements:\n        - host: machine\n",
         f"      {MARK}requirements:\n        - host: machine\n        - host: machine\n"),
    ),
    _service("tosca-no-capability", ("      hosting: Hosting\n", "      talking: Talking\n"),
             ("- host: machine", f"- {MARK}host: machine")),
    _service("tosca-wrong-target", ("members: [ machine ]", f"members: [ {MARK}shop ]")),
)  # fmt: skip
