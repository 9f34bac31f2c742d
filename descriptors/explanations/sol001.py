"""What the findings mean: NFV (SOL001)."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "sol001-not-nfv": Explanation(
        meaning="TOSCA, and neither a VNFD nor an NSD nor a PNFD.",
        remedy=(
            "Describe a VNF or a network service: a node template of a type derived from "
            "`tosca.nodes.nfv.VNF` or `tosca.nodes.nfv.NS`."
        ),
    ),
    "sol001-other-kind": Explanation(
        meaning="A descriptor of another kind than is expected: an NSD for a VNFD, a PNFD for an NSD.",
        remedy="Onboard a VNFD as a VNF package and an NSD as an NSD.",
    ),
    "sol001-missing-identity": Explanation(
        meaning="No descriptor_id, provider, product_name, software_version or descriptor_version.",
        remedy="Give the property in the node template of the VNF or NS, or as the default of its type.",
        clause="SOL001 tosca.nodes.nfv.VNF",
    ),
    "sol001-identity-in-metadata": Explanation(
        severity="warning",
        meaning="An NSD says who it is in the service template's metadata only; it is read from there.",
        remedy="Give the property in the node template of the NS, or as the default of its type.",
        clause="SOL001 tosca.nodes.nfv.NS",
    ),
    "sol001-no-flavour": Explanation(
        meaning="No VDU anywhere: no deployment flavour.",
        remedy="Add a `tosca.nodes.nfv.Vdu.Compute`, or import the file of the flavour.",
        clause="SOL001 tosca.nodes.nfv.Vdu.Compute",
    ),
    "sol001-flavour-twice": Explanation(
        meaning="Two files describe one flavour.",
        remedy="Give each file its own `flavour_id` below `substitution_mappings/properties`.",
        clause="SOL001 tosca.nodes.nfv.VNF",
    ),
    "sol001-flavour-missing": Explanation(
        severity="warning",
        meaning="The VNF's type allows a flavour that no file describes.",
        remedy="Import the file of the flavour, or take its name from the `valid_values` of the type.",
        clause="SOL001 tosca.nodes.nfv.VNF",
    ),
    "sol001-profile-bounds": Explanation(
        meaning="A VDU's maximum is below its minimum.",
        remedy="Raise the maximum, or lower the minimum.",
        clause="SOL001 tosca.datatypes.nfv.VduProfile",
    ),
    "sol001-level-outside-profile": Explanation(
        severity="error, warning",
        meaning=(
            "A level has more or fewer instances than the profile allows. Error for the default level and in NSDs."
        ),
        remedy="Change the number of the level, or widen the `vdu_profile` (in an NSD the `vnf_profile`).",
        clause="SOL001 tosca.policies.nfv.VduInstantiationLevels",
    ),
    "sol001-level-sums-differ": Explanation(
        severity="warning",
        meaning=("A level says a number outright and its scale levels add up to another; the number outright counts."),
        remedy="Make the number of the level equal to the initial delta and the steps of its scale levels.",
        clause="SOL001 tosca.policies.nfv.VduInstantiationLevels",
    ),
    "sol001-level-too-high": Explanation(
        meaning="A level puts an aspect beyond its last level.",
        remedy="Lower `scale_level`, or raise `max_scale_level` of the aspect.",
        clause="SOL001 tosca.policies.nfv.InstantiationLevels",
    ),
    "sol001-initial-outside-profile": Explanation(
        meaning="A VDU's initial delta is outside its profile.",
        remedy="Change the initial delta, or widen the `vdu_profile`.",
        clause="SOL001 tosca.policies.nfv.VduInitialDelta",
    ),
    "sol001-scaling-beyond-profile": Explanation(
        severity="warning",
        meaning="All aspects at their last level make more instances than the profile allows.",
        remedy="Raise `max_number_of_instances`, or lower `max_scale_level`.",
        clause="SOL001 tosca.policies.nfv.VduScalingAspectDeltas",
    ),
    "sol001-no-initial-delta": Explanation(
        severity="warning",
        meaning="A VDU that scales has no initial delta; it starts with its minimum.",
        remedy="Add a `tosca.policies.nfv.VduInitialDelta` for the VDU.",
        clause="SOL001 tosca.policies.nfv.VduInitialDelta",
    ),
    "sol001-steps-missing": Explanation(
        severity="warning",
        meaning="Fewer step deltas than levels; the aspect ends with its last delta.",
        remedy="Give one delta that every step uses, or as many as `max_scale_level`.",
        clause="SOL001 tosca.datatypes.nfv.ScalingAspect",
    ),
    "sol001-unknown-delta": Explanation(
        severity="warning",
        meaning="A step delta that is defined for nothing.",
        remedy="Define the delta in a `VduScalingAspectDeltas` policy of the aspect, or correct its name.",
        clause="SOL001 tosca.datatypes.nfv.ScalingAspect",
    ),
    "sol001-unknown-aspect": Explanation(
        severity="warning",
        meaning="A policy or level is about an aspect that does not exist.",
        remedy="Add the aspect to the `ScalingAspects` policy, or correct its name.",
        clause="SOL001 tosca.policies.nfv.ScalingAspects",
    ),
    "sol001-unknown-level": Explanation(
        severity="error, warning",
        meaning="A level that does not exist. Error when it is the default level.",
        remedy="Add the level to the `InstantiationLevels` policy, or correct its name.",
        clause="SOL001 tosca.policies.nfv.InstantiationLevels",
    ),
    "sol001-no-default-level": Explanation(
        severity="warning",
        meaning="Several levels and no default; without a level the initial deltas count.",
        remedy="Add `default_level`.",
        clause="SOL001 tosca.policies.nfv.InstantiationLevels",
    ),
    "sol001-unbound-connection-point": Explanation(
        meaning="A VduCp that is bound to no VDU.",
        remedy="Add the requirement `virtual_binding` with the name of the VDU.",
        clause="SOL001 tosca.nodes.nfv.VduCp",
    ),
    "sol001-unexposed-connection-point": Explanation(
        severity="warning",
        meaning=(
            "A connection point that is open to the outside and that no requirement of the VNF stands for. "
            "A request can attach it, a network service cannot."
        ),
        remedy="Map a requirement of the VNF to it below `substitution_mappings/requirements`.",
        clause="SOL001 tosca.nodes.nfv.VnfExtCp",
    ),
    "sol001-mapped-twice": Explanation(
        severity="warning",
        meaning="A connection point is exposed by two requirements; the first counts.",
        remedy="Map one requirement to each connection point.",
        clause="SOL001 tosca.nodes.nfv.VNF",
    ),
    "sol001-mapped-inside": Explanation(
        severity="warning",
        meaning="A connection point is exposed and attached inside; it stays inside.",
        remedy="Take out the mapping, or the requirement `virtual_link` of the connection point.",
        clause="SOL001 tosca.nodes.nfv.VduCp",
    ),
    "sol001-rule-without-targets": Explanation(
        severity="warning",
        meaning="An affinity rule that rules nothing.",
        remedy="Name the VDUs, links or groups that the rule is about.",
        clause="SOL001 tosca.policies.nfv.AffinityRule",
    ),
    "sol001-vdu-without-size": Explanation(
        severity="warning",
        meaning="A VDU that gives neither processors and memory nor a flavour of the VIM.",
        remedy="Give the capability `virtual_compute` with processors and memory.",
        clause="SOL001 tosca.capabilities.nfv.VirtualCompute",
    ),
    "sol001-nothing-to-boot": Explanation(
        severity="warning",
        meaning="A VDU without a software image of its own or of a storage.",
        remedy="Give the VDU `sw_image_data` and a `SwImage` artifact, or a storage that has one.",
        clause="SOL001 tosca.nodes.nfv.Vdu.Compute",
    ),
    "sol001-storage-unreachable": Explanation(
        severity="warning",
        meaning="A file storage without a virtual link.",
        remedy="Add the requirement `virtual_link`.",
        clause="SOL001 tosca.nodes.nfv.Vdu.VirtualFileStorage",
    ),
    "sol001-not-deployed": Explanation(
        severity="warning",
        meaning="Container workloads: they are in the model, and not deployed yet.",
        remedy="Nothing: the rest of the descriptor is used.",
        clause="SOL001 tosca.nodes.nfv.Vdu.OsContainerDeployableUnit",
    ),
    "sol001-not-requested": Explanation(
        severity="warning",
        meaning=(
            "The VNFD asks for something that no VIM is asked for: the VNF comes without it. The guide *From the VNFD "
            "to the VIM* says what of SOL001 leads to what."
        ),
        remedy="Have the operator of the VIM provide it, or do without; nothing else of the descriptor is lost.",
    ),
    "sol001-unused-part": Explanation(
        severity="warning",
        meaning="A storage that no VDU has, a link that nothing is attached to, or a container of no deployable unit.",
        remedy="Name it in the requirement of what it belongs to, or take it out.",
    ),
    "sol001-empty-unit": Explanation(
        severity="warning",
        meaning="A deployable unit without containers.",
        remedy="Add the requirement `container` with the name of an OsContainer.",
        clause="SOL001 tosca.nodes.nfv.Vdu.OsContainerDeployableUnit",
    ),
    "sol001-no-chart": Explanation(
        severity="warning",
        meaning="A container package (Mciop) that names no file.",
        remedy="Give it an artifact of type `tosca.artifacts.nfv.HelmChart`.",
        clause="SOL001 tosca.nodes.nfv.Mciop",
    ),
    "sol001-order-twice": Explanation(
        severity="warning",
        meaning="Two connection points of a VDU have the same order: which interface is first is left to chance.",
        remedy="Give each connection point of a VDU an `order` of its own.",
        clause="SOL001 tosca.nodes.nfv.VduCp",
    ),
    "sol001-no-trunk": Explanation(
        severity="warning",
        meaning="A connection point is bound to the trunk of another one, which is none.",
        remedy="Set `trunk_mode: true` on the connection point that `trunk_binding` names.",
        clause="SOL001 tosca.nodes.nfv.VduSubCp",
    ),
    "sol001-wrong-target": Explanation(
        severity="warning",
        meaning="A policy or a group names something of a type that it is not for.",
        remedy="Name what the policy's type allows: see its `targets` in SOL001.",
    ),
    "sol001-delta-missing": Explanation(
        severity="warning",
        meaning="A policy has some deltas of its aspect and lacks one of its steps: that step adds nothing here.",
        remedy="Add the delta, with 0 if the step adds nothing.",
        clause="SOL001 tosca.policies.nfv.VduScalingAspectDeltas",
    ),
    "sol001-unknown-reference": Explanation(
        severity="warning",
        meaning=(
            "A name leads nowhere: a package change about another VNFD or flavour, a coordination action that is not "
            "declared, a constituent without the id of its descriptor."
        ),
        remedy="Correct the name, or describe what it names.",
    ),
    "sol001-sap-nowhere": Explanation(
        severity="warning",
        meaning="A service access point that leads to no virtual link of the network service.",
        remedy="Add the requirement `internal_virtual_link` with the name of an NsVirtualLink.",
        clause="SOL001 tosca.nodes.nfv.Sap",
    ),
    "sol001-path-broken": Explanation(
        severity="warning",
        meaning="A forwarding path, one of its positions or an element of one leads nowhere.",
        remedy="Add the requirement `nfp_position`, `element` or `profile_element`.",
        clause="SOL001 tosca.nodes.nfv.NFP",
    ),
    "sol001-path-leaves-graph": Explanation(
        severity="warning",
        meaning="A path runs over a constituent that is no member of the path's forwarding graph.",
        remedy="Add the VNF, PNF or nested service to the `members` of the VNFFG.",
        clause="SOL001 tosca.groups.nfv.VNFFG",
    ),
}
