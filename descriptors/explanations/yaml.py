"""What the findings mean: YAML."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "yaml-syntax": Explanation(
        meaning="Not YAML; the place is where it stops being YAML.",
        remedy=("Mend the line. Often it is the indentation of the line before, a tab, or a colon inside plain text."),
    ),
    "yaml-limit": Explanation(
        meaning="Nested too deep, or too many nodes with aliases spelled out.",
        remedy="Write the document flatter, and with fewer aliases.",
    ),
    "yaml-duplicate-key": Explanation(
        severity="warning",
        meaning="A key is given twice; the last one counts.",
        remedy="Keep one of the two.",
        clause="YAML 1.2.2 3.2.1.1",
    ),
    "yaml-many-documents": Explanation(
        severity="warning",
        meaning="Several documents in one file; the first is read.",
        remedy="Put each document into a file of its own and import it.",
    ),
}
