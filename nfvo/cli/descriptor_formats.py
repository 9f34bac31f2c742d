"""What a check found, for machines: our own JSON, SARIF 2.1.0 for code scanning, JUnit XML for test reports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.etree import ElementTree as ET  # written, never read

import msgspec

from descriptors.diagnostics import Diagnostic, Severity
from descriptors.explanations import explanation
from descriptors.onboarding import Onboarded

if TYPE_CHECKING:  # few ask for it
    from descriptors.second_opinion.opinion import Comparison

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(package: Path, found: Onboarded, mode: str, other: Comparison | None = None) -> dict[str, Any]:
    """Return the findings as the server tells them, with what they are about and a second opinion, if any."""
    return {
        "file": str(package),
        "mode": mode,
        "kind": found.kind,
        "usable": not found.failed,
        "diagnostics": msgspec.to_builtins(found.diagnostics),
    } | ({"secondOpinion": {"reader": "tosca-parser", **msgspec.to_builtins(other)}} if other else {})


def as_sarif(package: Path, found: Onboarded, *, exit_code: int) -> dict[str, Any]:
    """Return one run in SARIF 2.1.0.

    Files in a directory are named by their path from where the command runs, so that a forge can show the findings
    beside the source; files in an archive are nested in it (SARIF 3.24.3, 3.24.4).
    """
    codes = list(dict.fromkeys(finding.code for finding in found.diagnostics))
    artifacts = _Artifacts(package)
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": _LEVELS[finding.severity],
            "message": {"text": f"{finding.message} ({finding.hint})" if finding.hint else finding.message},
            "locations": [_location(finding, artifacts)],
        }
        for finding in found.diagnostics
    ]
    driver = {
        "name": "mano",
        "version": version("mano-stack"),
        "rules": [_rule(code) for code in codes],
    }
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": True, "exitCode": exit_code}],
                "artifacts": artifacts.listed,
                "results": results,
            }
        ],
    }


class _Artifacts:
    """The package and the files in it that findings are about."""

    def __init__(self, package: Path) -> None:
        self._directory = package.is_dir()
        self._package = package.as_uri() if package.is_absolute() else _uri(package.as_posix())
        self._indices: dict[str, int] = {}
        self.listed: list[dict[str, Any]] = [{"location": {"uri": self._package}}]
        self._single = package.name if package.suffix.lower() in (".yaml", ".yml") else ""

    def at(self, file: str) -> dict[str, Any]:
        if not file or file == self._single:
            return {"uri": self._package, "index": 0}
        if file not in self._indices:
            self._indices[file] = len(self.listed)
            uri = f"{self._package.rstrip('/')}/{_uri(file)}" if self._directory else f"/{_uri(file)}"
            nested = {} if self._directory else {"parentIndex": 0}
            self.listed.append({"location": {"uri": uri}} | nested)
        index = self._indices[file]
        return {"uri": self.listed[index]["location"]["uri"], "index": index}


def _uri(path: str) -> str:
    return quote(str(PurePosixPath(path)))


def _location(finding: Diagnostic, artifacts: _Artifacts) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": artifacts.at(finding.file)}
    if finding.line:
        physical["region"] = {"startLine": finding.line} | ({"startColumn": finding.column} if finding.column else {})
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return location


def _rule(code: str) -> dict[str, Any]:
    known = explanation(code)
    rule: dict[str, Any] = {"id": code}
    if known:
        rule["shortDescription"] = {"text": known.meaning}
        rule["help"] = {"text": known.remedy}
    return rule


def as_junit(package: Path, found: Onboarded, *, failing: Sequence[Severity]) -> str:
    """Return a JUnit report: a test case per finding, failed when it weighs as one of ``failing``.

    A package without findings is one test case that passes.
    """
    suite = ET.Element("testsuite", name=_xml(str(package)), errors="0", skipped="0", time="0")
    failures = 0
    for finding in found.diagnostics:
        case = ET.SubElement(suite, "testcase", classname=_xml(finding.file or package.name), name=_case_name(finding))
        if finding.severity in failing:
            failures += 1
            failure = ET.SubElement(case, "failure", type=finding.code, message=_xml(finding.message))
            failure.text = _xml(_told(finding))
        else:
            ET.SubElement(case, "system-out").text = _xml(_told(finding))
    if not found.diagnostics:
        ET.SubElement(suite, "testcase", classname=_xml(package.name), name="no findings")
    numbers = {"tests": str(max(len(found.diagnostics), 1)), "failures": str(failures)}
    suite.attrib.update(numbers)
    report = ET.Element("testsuites", numbers | {"errors": "0", "time": "0"})
    report.append(suite)
    ET.indent(report)
    return ET.tostring(report, encoding="unicode", xml_declaration=False)


def _case_name(finding: Diagnostic) -> str:
    place = ":".join(str(part) for part in (finding.line, finding.column) if part)
    return f"{finding.code} at {place}" if place else finding.code


def _told(finding: Diagnostic) -> str:
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    return f"{finding}{hint}" + (f"\nsee {finding.clause}" if finding.clause else "")


def _xml(text: str) -> str:
    """Return the text without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("�", text)
