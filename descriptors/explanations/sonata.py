"""What the findings mean: SONATA and 5GTANGO."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "sonata-wrong-type": Explanation(
        meaning="A field is missing or of another type; the hint says what it must be.",
        remedy="Write the field as the hint says.",
    ),
    "sonata-unknown-reference": Explanation(
        severity="warning",
        meaning="A link names a connection point that does not exist; that end is left out.",
        remedy="Correct the reference: `unit:connection point`, or a connection point of the function itself.",
    ),
    "sonata-no-descriptor": Explanation(
        meaning=(
            "A project that does not list exactly one descriptor of the kind that is wanted, or lists what is none."
        ),
        remedy="List exactly one descriptor of the kind that is meant in `project.yml`.",
    ),
    "sonata-other-descriptor": Explanation(
        severity="warning",
        meaning="A further descriptor of the project; it is a package of its own.",
        remedy="Onboard the other descriptor as a package of its own.",
    ),
}
