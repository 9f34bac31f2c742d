"""Every code that a diagnostic can have, explained: what it means, how it is mended, which clause asks for it.

Read when somebody asks, never while a package is read. The pages of the reference are made of it.
"""

from collections.abc import Mapping

from descriptors.explanations import archive, services, signatures, sol001, sonata, tosca, yaml
from descriptors.explanations.explanation import Explanation

SECTIONS: Mapping[str, Mapping[str, Explanation]] = {
    "The archive (SOL004, SOL007)": archive.EXPLANATIONS,
    "Signatures (SOL004, SOL007)": signatures.EXPLANATIONS,
    "YAML": yaml.EXPLANATIONS,
    "TOSCA": tosca.EXPLANATIONS,
    "Service templates (TOSCA 2.0, and TOSCA Simple outside NFV)": services.EXPLANATIONS,
    "NFV (SOL001)": sol001.EXPLANATIONS,
    "SONATA and 5GTANGO": sonata.EXPLANATIONS,
}
"""Explanations by code, in the chapters of the reference."""


def explanation(code: str) -> Explanation | None:
    """Return what a code means; None for one that is not known."""
    return next((codes[code] for codes in SECTIONS.values() if code in codes), None)


__all__ = ["SECTIONS", "Explanation", "explanation"]
