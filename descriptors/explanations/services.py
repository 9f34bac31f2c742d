"""What the findings mean: service templates in general, of TOSCA 2.0 above all."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "tosca-version-not-first": Explanation(
        meaning="In TOSCA 2.0 `tosca_definitions_version` is the first keyname of a document.",
        remedy="Move `tosca_definitions_version` to the top.",
        clause="TOSCA 2.0 6.2",
    ),
    "tosca-missing-keyname": Explanation(
        meaning="A part of the template lacks a keyname that it must have.",
        remedy="Add the keyname that the message names.",
        clause="TOSCA 2.0 5",
    ),
    "tosca-empty-section": Explanation(
        severity="error, warning",
        meaning="A keyname has no value. Warning in TOSCA 1, which is full of them.",
        remedy="Leave the keyname out, or give it a value.",
        clause="TOSCA 2.0 5.2",
    ),
    "tosca-undefined-name": Explanation(
        meaning="An attribute, an input, an interface or an operation that the type does not have.",
        remedy="Correct the name, or add it to the type.",
        clause="TOSCA 2.0 8",
    ),
    "tosca-refinement": Explanation(
        severity="error, warning",
        meaning="A definition gives an inherited one another type, which does not derive from it. Warning in TOSCA 1.",
        remedy="Use the inherited type, or one that derives from it.",
        clause="TOSCA 2.0 9.1.1",
    ),
    "tosca-scalar-units": Explanation(
        meaning="The units of a scalar type do not make sense: none, none that counts as one, or factors below zero.",
        remedy="Give one unit (and one prefix) the factor 1, and name it in `canonical_unit` if two have it.",
        clause="TOSCA 2.0 9.1.2",
    ),
    "tosca-unknown-function": Explanation(
        meaning="A call of a function that neither TOSCA nor the template defines.",
        remedy="Correct the name, or define the function under `functions`.",
        clause="TOSCA 2.0 10",
    ),
    "tosca-wrong-arguments": Explanation(
        severity="error, warning",
        meaning="A condition with too few or too many arguments, or a bound that makes no sense. Warning in TOSCA 1.",
        remedy="Give the function the arguments that it takes.",
        clause="TOSCA 2.0 10.2",
    ),
    "tosca-optional-input": Explanation(
        meaning="A required value comes from an input that need not be given and has no default.",
        remedy="Make the input required, or give it a default.",
        clause="TOSCA 2.0 9.7",
    ),
    "tosca-count": Explanation(
        meaning="A requirement is assigned more or fewer times than its definition allows.",
        remedy="Assign it as often as `count_range` says, or change `count_range`.",
        clause="TOSCA 2.0 8.3.3",
    ),
    "tosca-no-capability": Explanation(
        severity="error, warning",
        meaning="A requirement leads to a node without a capability of the type that is asked for. Warning in TOSCA 1.",
        remedy="Lead it to a node that has one, or add the capability to the node's type.",
        clause="TOSCA 2.0 8.3",
    ),
    "tosca-wrong-target": Explanation(
        severity="error, warning",
        meaning="A group or policy names a node whose type it is not meant for. Warning in TOSCA 1.",
        remedy="Take the node out, or add its type to `members` or `targets` of the group's or policy's type.",
        clause="TOSCA 2.0 15",
    ),
}
