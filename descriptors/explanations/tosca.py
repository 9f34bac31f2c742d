"""What the findings mean: TOSCA."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "tosca-not-a-template": Explanation(
        meaning="The document is not a mapping.",
        remedy="Begin the document with `tosca_definitions_version`.",
        clause="TOSCA Simple 3.10",
    ),
    "tosca-no-version": Explanation(
        severity="error, warning",
        meaning="`tosca_definitions_version` is missing.",
        remedy="Begin the document with `tosca_definitions_version: tosca_simple_yaml_1_3`.",
        clause="TOSCA Simple 3.10.3.1",
    ),
    "tosca-unknown-version": Explanation(
        severity="error, warning",
        meaning="A language or a version that is not known here.",
        remedy="Use a version that is known: `tosca_simple_yaml_1_0` to `_1_3`, `tosca_2_0`.",
        clause="TOSCA Simple 3.1",
    ),
    "tosca-wrong-type": Explanation(
        severity="error, warning",
        meaning=(
            "A value, or a part of the grammar, is not of the type that is asked for. Warning in a type "
            "that nothing uses."
        ),
        remedy="Write a value of the type that the message names.",
        clause="TOSCA Simple 3.3",
    ),
    "tosca-constraint": Explanation(
        meaning="A value breaks a constraint of its definition.",
        remedy="Write a value that the constraint allows, or change the constraint in a type of your own.",
        clause="TOSCA Simple 3.6.3",
    ),
    "tosca-missing-property": Explanation(
        severity="error, warning",
        meaning=(
            "A required property is missing that shapes resources, or that the package's own type requires. "
            "Warning for the rest of the built-in types."
        ),
        remedy="Add the property.",
        clause="TOSCA Simple 3.6.10",
    ),
    "tosca-missing-type": Explanation(
        meaning="A template without `type`.",
        remedy="Add `type`.",
        clause="TOSCA Simple 3.8",
    ),
    "tosca-unknown-type": Explanation(
        severity="error, warning",
        meaning=("A type that neither the package nor SOL001 nor TOSCA defines. Warning in a type that nothing uses."),
        remedy="Correct the name, define the type, or import the file that does.",
        clause="TOSCA Simple 3.7",
    ),
    "tosca-type-cycle": Explanation(
        meaning="A type derives from itself, directly or over others, or over too many generations.",
        remedy="Cut the line of `derived_from` where it comes back to itself.",
        clause="TOSCA Simple 3.7",
    ),
    "tosca-too-many-types": Explanation(
        meaning="The package's types together have more properties than the limit.",
        remedy="Define fewer types, or types with fewer properties.",
    ),
    "tosca-type-redefined": Explanation(
        severity="warning",
        meaning="Two files define one type differently; the file nearer to the entry counts.",
        remedy="Keep one definition, and import its file wherever it is needed.",
        clause="TOSCA Simple 3.2",
    ),
    "tosca-type-of-other-release": Explanation(
        severity="warning",
        meaning="A type of another SOL001 release than the one in use.",
        remedy="Import the type definitions of the release that has the type, or use the type of your release.",
    ),
    "tosca-value-for-definition": Explanation(
        severity="warning",
        meaning="A value where a type defines a property; it is read as the property's default.",
        remedy="Write a definition: `{ type: string, default: the value }`.",
    ),
    "tosca-type-spelling": Explanation(
        severity="warning",
        meaning="The name of a built-in type with other capitals; the built-in type is meant.",
        remedy="Write the name as the hint has it.",
    ),
    "tosca-property-of-other-release": Explanation(
        severity="warning",
        meaning="A property that the type has in another release; it is read as there.",
        remedy=(
            "Import the type definitions of the release that has the property, or write it as your release has it."
        ),
    ),
    "tosca-mixed-releases": Explanation(
        severity="warning",
        meaning="Type definitions of several releases are imported; the one imported most often is used.",
        remedy="Import the type definitions of one release everywhere.",
    ),
    "tosca-import-missing": Explanation(
        severity="error, warning",
        meaning=(
            "An import leads nowhere. Error when a type is missed; warning when all is built in. Addresses "
            "are never followed."
        ),
        remedy="Carry the file in the package and import it by its path. ETSI's own type files are built in.",
        clause="TOSCA Simple 3.6.8",
    ),
    "tosca-import-cycle": Explanation(
        severity="warning",
        meaning="Files import each other. Each is read once.",
        remedy="Move what both files need into a third one.",
        clause="TOSCA Simple 3.6.8",
    ),
    "tosca-too-many-imports": Explanation(
        meaning="More documents than the limit.",
        remedy="Put definitions that belong together into one file.",
    ),
    "tosca-empty-import": Explanation(
        severity="warning",
        meaning="An import that names no file.",
        remedy="Name the file, or take the entry out.",
        clause="TOSCA Simple 3.6.8",
    ),
    "tosca-unknown-input": Explanation(
        meaning="`get_input` of an input that is not declared.",
        remedy="Declare the input below `topology_template/inputs`, or correct its name.",
        clause="TOSCA Simple 4.4.1",
    ),
    "tosca-unknown-target": Explanation(
        severity="error, warning",
        meaning=(
            "A requirement, group or policy names what does not exist. Error where something would hang in "
            "the air (a port without its VDU or link); warning where it leads out of the descriptor, or can "
            "be left out."
        ),
        remedy="Correct the name, or add the node template.",
        clause="TOSCA Simple 3.8.2",
    ),
    "tosca-unknown-requirement": Explanation(
        severity="error, warning",
        meaning="A requirement that the type does not have. Error in TOSCA 2.0.",
        remedy="Correct the name, or define the requirement in a type of your own.",
        clause="TOSCA Simple 3.8.2",
    ),
    "tosca-unknown-capability": Explanation(
        severity="error, warning",
        meaning="A capability that the type does not have; it is not used. Error in TOSCA 2.0.",
        remedy="Correct the name, or define the capability in a type of your own.",
        clause="TOSCA Simple 3.8.1",
    ),
    "tosca-unknown-property": Explanation(
        severity="error, warning",
        meaning="A property that the type does not have; it is not used.",
        remedy="Correct the name, or define the property in a type of your own.",
        clause="TOSCA Simple 3.6.10",
    ),
    "tosca-unknown-key": Explanation(
        severity="error, warning",
        meaning="A key that has no meaning where it stands (`tagets` for `targets`). Error in TOSCA 2.0.",
        remedy="Correct the key. What is meant as a property belongs below `properties`.",
        clause="TOSCA Simple 3.8.3",
    ),
    "tosca-unknown-artifact-type": Explanation(
        severity="error, warning",
        meaning="An artifact of an unknown type; it is kept. Error in TOSCA 2.0.",
        remedy="Define the artifact type, or use one of SOL001's.",
        clause="TOSCA Simple 3.7.4",
    ),
    "tosca-misplaced-section": Explanation(
        severity="warning",
        meaning="`groups` or `policies` beside `topology_template` instead of inside.",
        remedy="Move the section into `topology_template`.",
        clause="TOSCA Simple 3.9",
    ),
    "tosca-extra-level": Explanation(
        severity="warning",
        meaning="A level too many or too few (`properties` inside a value; a list of one).",
        remedy="Take the level out, or put it in, as the hint says.",
        clause="TOSCA Simple 3.6",
    ),
    "tosca-map-for-list": Explanation(
        severity="warning",
        meaning="A map where a list is asked for, or the reverse.",
        remedy="Write the list, or map, that is asked for.",
        clause="TOSCA Simple 3.3.4",
    ),
    "tosca-empty-mapping": Explanation(
        severity="warning",
        meaning="A requirement of the substitution mapping that is mapped to nothing.",
        remedy="Map the requirement to `[ node template, requirement ]`, or take the entry out.",
        clause="TOSCA Simple 3.8.13",
    ),
    "tosca-number-as-text": Explanation(
        severity="warning",
        meaning="A number where text is asked for: its literal text is read.",
        remedy="Write the value with quotation marks.",
        clause="TOSCA Simple 3.3.1",
    ),
    "tosca-text-as-number": Explanation(
        severity="warning",
        meaning="Text where a number is asked for.",
        remedy="Write the value without quotation marks.",
        clause="TOSCA Simple 3.3.1",
    ),
    "tosca-text-as-boolean": Explanation(
        severity="warning",
        meaning="`yes`, `no`, `on`, `off` or quoted text where true or false is asked for.",
        remedy="Write `true` or `false`.",
        clause="TOSCA Simple 3.3.1",
    ),
    "tosca-text-as-range": Explanation(
        severity="warning",
        meaning="`1 - 4` where `[ 1, 4 ]` is asked for.",
        remedy="Write `[ lower, upper ]`.",
        clause="TOSCA Simple 3.3.3",
    ),
    "tosca-value-spelling": Explanation(
        severity="warning",
        meaning="A listed value in other letters (`QCOW2`); it is read in its own spelling.",
        remedy="Write the value as the hint spells it.",
        clause="TOSCA Simple 3.6.3",
    ),
    "tosca-value-not-listed": Explanation(
        severity="warning",
        meaning="A value of a built-in property that SOL001 does not list; it is kept.",
        remedy="Write one of the values that are listed.",
        clause="TOSCA Simple 3.6.3",
    ),
    "tosca-function-arguments": Explanation(
        meaning=(
            "A function call with the wrong number or kind of arguments (`token` without an index, `get_property` of a "
            "node alone)."
        ),
        remedy="Give the arguments that the message asks for.",
        clause="TOSCA Simple 4",
    ),
    "tosca-function-target": Explanation(
        meaning=(
            "A function names a node template, property, capability or artifact that does not exist, or `SELF` where "
            "there is none."
        ),
        remedy="Correct the name.",
        clause="TOSCA Simple 4",
    ),
    "tosca-function-cycle": Explanation(
        meaning="The value of a property leads back to itself, or over too many others.",
        remedy="Give one of the properties in the circle a value of its own.",
    ),
    "tosca-function-too-large": Explanation(
        meaning="What functions put in grows beyond measure.",
        remedy="Refer to large values less often, or carry them as an artifact.",
    ),
}
