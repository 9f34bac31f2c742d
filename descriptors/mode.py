"""How strictly a package is judged: what weighs as an error in which mode.

Findings are made with the weight that they have in mode ``etsi``. The tables below say which weigh otherwise in the
other two; they are looked at in one place, when a package has been read (`descriptors/onboarding.py`).
"""

from __future__ import annotations

import enum

import msgspec

from descriptors.diagnostics import Diagnostic, Severity


class Mode(enum.StrEnum):
    """How strictly a package is judged."""

    STRICT = "strict"
    """As the standards have it: what real packages get wrong, and is otherwise read as it is meant, is an error."""
    ETSI = "etsi"
    """What VNF vendors ship: known slips are read as they are meant, with a warning."""
    LENIENT = "lenient"
    """To see as much of a model as there is: errors that leave one to look at are warnings."""


STRICT_ERRORS = frozenset(
    {
        "manifest-no-metadata",
        "manifest-source-missing",
        "manifest-unlisted",
        "manifest-unreadable-line",
        "meta-unreadable-line",
        "sol001-delta-missing",
        "sol001-empty-unit",
        "sol001-identity-in-metadata",
        "sol001-level-sums-differ",
        "sol001-mapped-inside",
        "sol001-mapped-twice",
        "sol001-no-chart",
        "sol001-no-default-level",
        "sol001-no-initial-delta",
        "sol001-no-trunk",
        "sol001-order-twice",
        "sol001-path-broken",
        "sol001-path-leaves-graph",
        "sol001-rule-without-targets",
        "sol001-sap-nowhere",
        "sol001-steps-missing",
        "sol001-storage-unreachable",
        "sol001-unknown-aspect",
        "sol001-unknown-delta",
        "sol001-unknown-level",
        "sol001-unknown-reference",
        "sol001-wrong-target",
        "sonata-unknown-reference",
        "tosca-empty-import",
        "tosca-empty-mapping",
        "tosca-extra-level",
        "tosca-import-missing",
        "tosca-map-for-list",
        "tosca-misplaced-section",
        "tosca-missing-property",
        "tosca-mixed-releases",
        "tosca-no-version",
        "tosca-number-as-text",
        "tosca-property-of-other-release",
        "tosca-text-as-boolean",
        "tosca-text-as-number",
        "tosca-text-as-range",
        "tosca-type-of-other-release",
        "tosca-type-redefined",
        "tosca-type-spelling",
        "tosca-unknown-artifact-type",
        "tosca-unknown-capability",
        "tosca-unknown-key",
        "tosca-unknown-property",
        "tosca-unknown-requirement",
        "tosca-unknown-target",
        "tosca-unknown-type",
        "tosca-unknown-version",
        "tosca-value-for-definition",
        "tosca-value-not-listed",
        "tosca-value-spelling",
        "tosca-wrong-type",
        "yaml-duplicate-key",
        "yaml-many-documents",
    }
)
"""Codes whose warnings are errors in mode ``strict``."""

LENIENT_WARNINGS = frozenset(
    {
        "manifest-missing",
        "sol001-initial-outside-profile",
        "sol001-level-outside-profile",
        "sol001-level-too-high",
        "sol001-unknown-level",
        "tosca-constraint",
        "tosca-import-missing",
        "tosca-missing-property",
        "tosca-unknown-input",
        "tosca-unknown-target",
    }
)
"""Codes whose errors are warnings in mode ``lenient``: the model is complete enough without what they miss."""


def weight(code: str, severity: Severity, mode: Mode) -> Severity:
    """Return what a finding of ``code``, made with ``severity``, weighs in ``mode``."""
    if mode is Mode.STRICT and severity is Severity.WARNING and code in STRICT_ERRORS:
        return Severity.ERROR
    if mode is Mode.LENIENT and severity is Severity.ERROR and code in LENIENT_WARNINGS:
        return Severity.WARNING
    return severity


def weighed(finding: Diagnostic, mode: Mode) -> Diagnostic:
    """Return the finding as it weighs in ``mode``."""
    severity = weight(finding.code, finding.severity, mode)
    return finding if severity is finding.severity else msgspec.structs.replace(finding, severity=severity)
