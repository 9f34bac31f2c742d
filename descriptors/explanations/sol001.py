"""What the findings mean: NFV (SOL001)."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "sol001-not-nfv": Explanation(
        meaning="TOSCA, and neither a VNFD nor an NSD. PNFDs are not read yet.",
        remedy=(
            "Describe a VNF or a network service: a node template of a type derived from "
            "`tosca.nodes.nfv.VNF` or `tosca.nodes.nfv.NS`."
        ),
    ),
    "sol001-other-kind": Explanation(
        meaning="An NSD where a VNFD is expected, or the reverse.",
        remedy="Onboard a VNFD as a VNF package and an NSD as an NSD.",
    ),
    "sol001-missing-identity": Explanation(
        meaning="No descriptor_id, provider, product_name, software_version or descriptor_version.",
        remedy="Give the property in the node template of the VNF or NS, or as the default of its type.",
        clause="SOL001 6.8.1",
    ),
    "sol001-no-flavour": Explanation(
        meaning="No VDU anywhere: no deployment flavour.",
        remedy="Add a `tosca.nodes.nfv.Vdu.Compute`, or import the file of the flavour.",
        clause="SOL001 6.11",
    ),
    "sol001-flavour-twice": Explanation(
        meaning="Two files describe one flavour.",
        remedy="Give each file its own `flavour_id` below `substitution_mappings/properties`.",
        clause="SOL001 6.11",
    ),
    "sol001-flavour-missing": Explanation(
        severity="warning",
        meaning="The VNF's type allows a flavour that no file describes.",
        remedy="Import the file of the flavour, or take its name from the `valid_values` of the type.",
        clause="SOL001 6.11",
    ),
    "sol001-profile-bounds": Explanation(
        meaning="A VDU's maximum is below its minimum.",
        remedy="Raise the maximum, or lower the minimum.",
        clause="SOL001 6.2.16",
    ),
    "sol001-level-outside-profile": Explanation(
        severity="error, warning",
        meaning=(
            "A level has more or fewer instances than the profile allows. Error for the default level and in NSDs."
        ),
        remedy="Change the number of the level, or widen the `vdu_profile` (in an NSD the `vnf_profile`).",
        clause="SOL001 6.10.6",
    ),
    "sol001-level-sums-differ": Explanation(
        severity="warning",
        meaning=("A level says a number outright and its scale levels add up to another; the number outright counts."),
        remedy="Make the number of the level equal to the initial delta and the steps of its scale levels.",
        clause="SOL001 6.10.6",
    ),
    "sol001-level-too-high": Explanation(
        meaning="A level puts an aspect beyond its last level.",
        remedy="Lower `scale_level`, or raise `max_scale_level` of the aspect.",
        clause="SOL001 6.10.5",
    ),
    "sol001-initial-outside-profile": Explanation(
        meaning="A VDU's initial delta is outside its profile.",
        remedy="Change the initial delta, or widen the `vdu_profile`.",
        clause="SOL001 6.10.7",
    ),
    "sol001-scaling-beyond-profile": Explanation(
        severity="warning",
        meaning="All aspects at their last level make more instances than the profile allows.",
        remedy="Raise `max_number_of_instances`, or lower `max_scale_level`.",
        clause="SOL001 6.10.8",
    ),
    "sol001-no-initial-delta": Explanation(
        severity="warning",
        meaning="A VDU that scales has no initial delta; it starts with its minimum.",
        remedy="Add a `tosca.policies.nfv.VduInitialDelta` for the VDU.",
        clause="SOL001 6.10.7",
    ),
    "sol001-steps-missing": Explanation(
        severity="warning",
        meaning="Fewer step deltas than levels; the aspect ends with its last delta.",
        remedy="Give one delta that every step uses, or as many as `max_scale_level`.",
        clause="SOL001 6.2.4",
    ),
    "sol001-unknown-delta": Explanation(
        severity="warning",
        meaning="A step delta that is defined for nothing.",
        remedy="Define the delta in a `VduScalingAspectDeltas` policy of the aspect, or correct its name.",
        clause="SOL001 6.10.8",
    ),
    "sol001-unknown-aspect": Explanation(
        severity="warning",
        meaning="A policy or level is about an aspect that does not exist.",
        remedy="Add the aspect to the `ScalingAspects` policy, or correct its name.",
        clause="SOL001 6.10",
    ),
    "sol001-unknown-level": Explanation(
        severity="error, warning",
        meaning="A level that does not exist. Error when it is the default level.",
        remedy="Add the level to the `InstantiationLevels` policy, or correct its name.",
        clause="SOL001 6.10.5",
    ),
    "sol001-no-default-level": Explanation(
        severity="warning",
        meaning="Several levels and no default; without a level the initial deltas count.",
        remedy="Add `default_level`.",
        clause="SOL001 6.10.5",
    ),
    "sol001-unbound-connection-point": Explanation(
        meaning="A VduCp that is bound to no VDU.",
        remedy="Add the requirement `virtual_binding` with the name of the VDU.",
        clause="SOL001 6.8.8",
    ),
    "sol001-unexposed-connection-point": Explanation(
        severity="warning",
        meaning=(
            "A connection point that is open to the outside and that no requirement of the VNF stands for. "
            "A request can attach it, a network service cannot."
        ),
        remedy="Map a requirement of the VNF to it below `substitution_mappings/requirements`.",
        clause="SOL001 6.11",
    ),
    "sol001-mapped-twice": Explanation(
        severity="warning",
        meaning="A connection point is exposed by two requirements; the first counts.",
        remedy="Map one requirement to each connection point.",
        clause="SOL001 6.11",
    ),
    "sol001-mapped-inside": Explanation(
        severity="warning",
        meaning="A connection point is exposed and attached inside; it stays inside.",
        remedy="Take out the mapping, or the requirement `virtual_link` of the connection point.",
        clause="SOL001 6.8.8",
    ),
    "sol001-rule-without-targets": Explanation(
        severity="warning",
        meaning="An affinity rule that rules nothing.",
        remedy="Name the VDUs, links or groups that the rule is about.",
        clause="SOL001 6.10.10",
    ),
    "sol001-vdu-without-size": Explanation(
        severity="warning",
        meaning="A VDU that gives neither processors and memory nor a flavour of the VIM.",
        remedy="Give the capability `virtual_compute` with processors and memory.",
        clause="SOL001 6.8.3",
    ),
    "sol001-nothing-to-boot": Explanation(
        severity="warning",
        meaning="A VDU without a software image of its own or of a storage.",
        remedy="Give the VDU `sw_image_data` and a `SwImage` artifact, or a storage that has one.",
        clause="SOL001 6.8.3",
    ),
    "sol001-storage-unreachable": Explanation(
        severity="warning",
        meaning="A file storage without a virtual link.",
        remedy="Add the requirement `virtual_link`.",
        clause="SOL001 6.8.6",
    ),
    "sol001-not-modelled": Explanation(
        severity="warning",
        meaning="Container workloads; they are not deployed yet.",
        remedy="Nothing: the rest of the descriptor is used.",
    ),
}
