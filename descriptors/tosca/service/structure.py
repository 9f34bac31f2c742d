"""Documents against the grammar of their version: keynames and the shape of what they hold."""

from __future__ import annotations

import functools
import re
from typing import Any

from descriptors.tosca.documents import Path, Reporter
from descriptors.tosca.service.grammar import Dialect

_VERSION = re.compile(r"\d+\.\d+(\.\d+(\.\w+(-\d+)?)?)?")


@functools.cache
def _alternatives(form: str) -> tuple[str, ...]:
    """Split a form at its bars; ``map`` and its like reach over all of them."""
    return tuple(part.strip() for part in form.split("|"))


def check_structure(root: dict[str, Any], dialect: Dialect, reporter: Reporter) -> None:
    """Report every keyname that has no place in this version, and every value of another shape than its keyname has.

    In TOSCA 1 an unknown keyname, a number for a text and an empty section are warnings.
    """
    if dialect.strict and next(iter(root), "") != "tosca_definitions_version":
        reporter.error(
            "tosca-version-not-first", "tosca_definitions_version must be the first keyname",
            ("tosca_definitions_version",), clause="TOSCA 2.0 6.2",
        )  # fmt: skip
    _Walk(dialect, reporter).part("file", root, ())


class _Walk:
    def __init__(self, dialect: Dialect, reporter: Reporter) -> None:
        self._grammar = dialect.grammar
        self._strict = dialect.strict
        self._report = reporter

    def part(self, name: str, value: dict[str, Any], path: Path) -> None:
        table = self._grammar[name]
        for key, item in value.items():
            form = table.get(key) if isinstance(key, str) else None
            if form is not None:
                self._keyname(item, form.rstrip("!"), (*path, key), key)
            elif "*" not in table:
                self._unknown(name, key, table, (*path, key))
        for key, form in table.items():
            if form.endswith("!") and key not in value:
                self._report.error("tosca-missing-keyname", f"{_called(name)} needs {key}", path)

    def _unknown(self, name: str, key: Any, table: Any, path: Path) -> None:
        report = self._report.error if self._strict else self._report.warning
        if key == "" or not isinstance(key, str):
            message = f"{key!r} is not a keyname"
        else:
            message = f"{key} is not a keyname of {_called(name)}"
        report("tosca-unknown-key", message, path, hint=self._report.guess(str(key), table))

    def _keyname(self, value: Any, form: str, path: Path, key: str) -> None:
        if value is not None:
            self._value(value, form, path)
        elif form != "any":
            report = self._report.error if self._strict else self._report.warning
            report("tosca-empty-section", f"{key} is empty", path, hint="leave it out, or give it a value")

    def _value(self, value: Any, form: str, path: Path) -> None:
        if form == "any":
            return
        shape, _, inner = form.partition(" ")
        if inner and shape in ("map", "list", "named"):
            self._collection(value, shape, inner, path)
            return
        alternatives = _alternatives(form)
        part = next((a for a in alternatives if a in self._grammar), None)
        if part and isinstance(value, dict):
            self.part(part, value, path)
            return
        scalars = [a for a in alternatives if a not in self._grammar]
        if part == "property" and not self._strict and not isinstance(value, list):
            message = f"{value} stands where a property is defined; it is read as the default"
            self._report.warning("tosca-value-for-definition", message, path, hint=f"write {{ default: {value} }}")
        elif not scalars:
            self._wrong(value, f"a mapping: {_called(part or form)}", path)
        for alternative in scalars:
            self._scalar(value, alternative, path)

    def _collection(self, value: Any, shape: str, inner: str, path: Path) -> None:
        if isinstance(value, dict) and shape == "named" and not self._strict:
            self._report.warning("tosca-map-for-list", "a list of maps with one entry each is asked for", path)
            shape = "map"
        if isinstance(value, dict) and shape == "map":
            for key, item in value.items():
                self._entry(key, item, inner, (*path, key))
        elif isinstance(value, list) and shape == "list":
            for index, item in enumerate(value):
                self._value(item, inner, (*path, index))
        elif isinstance(value, list) and shape == "named":
            for index, item in enumerate(value):
                self._named(item, inner, (*path, index))
        elif isinstance(value, str) and shape != "map" and not self._strict:
            self._report.warning("tosca-map-for-list", "a list is asked for", path)
        else:
            self._wrong(value, "a mapping" if shape == "map" else "a list", path)

    def _named(self, value: Any, inner: str, path: Path) -> None:
        if not isinstance(value, dict) or (self._strict and len(value) != 1):
            self._wrong(value, "a map of one name", path)
        elif len(value) == 1:
            for key, item in value.items():
                self._entry(key, item, inner, (*path, key))

    def _entry(self, key: Any, value: Any, inner: str, path: Path) -> None:
        if self._strict and (not isinstance(key, str) or not key) and inner not in ("any", "number"):
            self._report.error("tosca-wrong-type", f"{key!r} is not a name", path)
        if value is not None:
            self._value(value, inner, path)
        elif inner in ("any", "text") or _alternatives(inner)[0] in self._grammar:
            return  # an empty definition, or a value that is null
        else:
            self._wrong(value, inner, path)

    def _scalar(self, value: Any, form: str, path: Path) -> None:
        if form == "metadata":
            self._metadata(value, path)
        elif form == "flag":
            if not isinstance(value, bool):
                self._loose(value, "true or false", path, accepted=isinstance(value, str))
        elif form == "number":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self._wrong(value, "a number", path)
        elif form == "version":
            if isinstance(value, (dict, list)) or (self._strict and not _VERSION.fullmatch(str(value))):
                self._wrong(value, "a version", path)
        elif not isinstance(value, str):
            self._loose(value, "text", path, accepted=isinstance(value, (int, float)))

    def _metadata(self, value: Any, path: Path) -> None:
        if not isinstance(value, dict):
            self._wrong(value, "a mapping", path)
            return
        for key, item in value.items():
            if item is None and self._strict:
                self._report.error("tosca-empty-section", f"{key} is empty", (*path, key))

    def _loose(self, value: Any, wanted: str, path: Path, *, accepted: bool) -> None:
        """Report a scalar of another kind: in TOSCA 1 it is read as it is meant."""
        if accepted and not self._strict:
            self._report.warning("tosca-number-as-text", f"{value} is not {wanted}", path)
        else:
            self._wrong(value, wanted, path)

    def _wrong(self, value: Any, wanted: str, path: Path) -> None:
        shown = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)[:60]
        self._report.error("tosca-wrong-type", f"{shown} is not {wanted}", path)


def _called(part: str) -> str:
    name = part.replace("_", " ")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
