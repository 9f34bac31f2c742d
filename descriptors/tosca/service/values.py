"""Values against their schemas."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from descriptors.tosca import scalars
from descriptors.tosca.documents import Path, Reporter, mapping, sequence
from descriptors.tosca.service import units
from descriptors.tosca.service.calls import Calls, is_call
from descriptors.tosca.service.clauses import Number, holds
from descriptors.tosca.service.kinds import Kind, Kinds
from descriptors.tosca.service.names import Scope
from descriptors.tosca.service.schemas import COLLECTIONS, PRIMITIVES, Missing, Schema
from descriptors.tosca.values import spelt_otherwise

_VERSION = re.compile(r"\d+(\.\d+(\.\d+(\.\w+(-\d+)?)?)?)?")
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d?-\d\d?([Tt ]\s*\d\d?:\d\d:\d\d(\.\d*)?\s*(Z|[-+]\d\d?(:?\d\d)?)?)?"  # YAML's timestamps
)
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")


class Field(msgspec.Struct, frozen=True):
    """What the schemas of a mapping's values are called in findings."""

    what: str
    """Whose fields they are."""
    noun: str = "property"
    partial: bool = False
    """Whether another place may complete them: nothing is missed then."""


class Values:
    """Checks values, reporting to the document that they stand in."""

    def __init__(self, kinds: Kinds, scope: Scope, calls: Calls, report: Reporter | None = None) -> None:
        """Check values of one document; ``report`` is told instead of the document's own reporter."""
        self._kinds = kinds
        self._scope = scope
        self._calls = calls
        self._report: Reporter = report or scope.report
        self._strict = scope.dialect.strict

    def fields(self, values: Any, schemas: dict[str, Schema], path: Path, field: Field) -> dict[str, Any]:
        """Check a mapping of values; return it with the defaults of what is left out."""
        result: dict[str, Any] = {}
        for name, value in mapping(values).items():
            if str(name).startswith("$") and not str(name).startswith("$$"):
                continue  # a name that a function makes
            declared = schemas.get(str(name))
            if declared is None:
                self._report.error(
                    "tosca-unknown-property" if field.noun == "property" else "tosca-undefined-name",
                    f"{field.what} has no {field.noun} {name}", (*path, name),
                    hint=self._report.guess(str(name), schemas),
                )  # fmt: skip
            elif declared.value is not Missing.VALUE and value != declared.value:
                self._report.error("tosca-constraint", f"{name} has the value {declared.value} for good", (*path, name))
            elif field.noun == "attribute" and _is_described(value, declared):
                result[str(name)] = self.value(value["value"], declared, (*path, name, "value"))
            else:
                result[str(name)] = self.value(value, declared, (*path, name))
        for name, declared in schemas.items():
            if name in mapping(values):
                continue
            if declared.value is not Missing.VALUE or declared.default is not Missing.VALUE:
                fixed = declared.value is not Missing.VALUE
                result[name] = declared.value if fixed else declared.default
            elif declared.required and not field.partial:
                normative = declared.scope.built_in and not self._strict
                report = self._report.warning if normative else self._report.error
                report("tosca-missing-property", f"{field.what} needs the {field.noun} {name}", path)
        return result

    def value(self, value: Any, declared: Schema, path: Path) -> Any:
        """Check one value; return it as it shall be read."""
        if is_call(value, self._scope.dialect):
            self._calls.check(value, self._scope, path, wanted=declared)
            return value
        if value is None and declared.type not in ("nil", "null", "any", "") and not self._strict:
            return value  # in TOSCA 1 an empty value is one that is not given
        kind = self._kind(declared)
        if kind is None and declared.type not in PRIMITIVES:
            return value  # the type is unknown: reported with the definition
        primitive = kind.primitive if kind else declared.type
        result = self._shaped(value, primitive, kind, declared, path)
        if result is not Missing.VALUE:
            result = self._conditioned(result, declared, kind, path)
        return value if result is Missing.VALUE else result

    def _kind(self, declared: Schema) -> Kind | None:
        if declared.type in PRIMITIVES and declared.type not in declared.scope.visible["data_types"]:
            return None
        return self._kinds.get(declared.scope, "data_types", declared.type)

    def _shaped(self, value: Any, primitive: str, kind: Kind | None, declared: Schema, path: Path) -> Any:
        """Return the value as its type has it; Missing when it is none of it, which is reported."""
        if primitive in COLLECTIONS:
            entry = declared.entry or (kind.entry if kind else None)
            key = declared.key or (kind.key if kind else None)
            return self._collection(value, primitive, entry, key, path)
        if primitive == "scalar" and kind:
            return self._scalar(value, kind, path)
        if primitive:
            return self._primitive(value, primitive, path)
        if kind is None or not kind.properties:
            return value if kind is None or isinstance(value, dict) else self._wrong(value, f"a {kind.name}", path)
        if not isinstance(value, dict):
            return self._wrong(value, f"a {kind.name}", path)
        return self.fields(value, kind.properties, path, Field(kind.name))

    def _collection(self, value: Any, primitive: str, entry: Schema | None, key: Schema | None, path: Path) -> Any:
        if not isinstance(value, list if primitive == "list" else dict):
            return self._wrong(value, f"a {primitive}", path)
        if isinstance(value, list):
            if entry is None:
                return value
            return [self.value(item, entry, (*path, index)) for index, item in enumerate(value)]
        result = {}
        for name, item in value.items():
            made = str(name).startswith("$")
            if key is not None and not made:
                self.value(name, key, (*path, name))
            result[name] = item if entry is None else self.value(item, entry, (*path, name))
        return result

    def _scalar(self, value: Any, kind: Kind, path: Path) -> Any:
        if units.amount(value, kind) is None:
            return self._wrong(value, f"a {kind.name}", path, f"units are {', '.join(list(units.units_of(kind))[:20])}")
        name = str(kind.raw.get("data_type", "float"))
        data = self._kinds.get(kind.definition.scope, "data_types", name) if name not in PRIMITIVES else None
        if "integer" in (name, data.primitive if data else "") and not units.is_whole(value):
            return self._wrong(value, f"a {kind.name}: its number must be whole", path)
        if data:
            number = value.strip().partition(" ")[0]
            plain = int(number) if re.fullmatch(r"[-+]?\d{1,18}", number) else units.amount(value, kind)
            for clause in data.clauses:
                if not holds(clause.expression, plain, _itself):
                    self._unmet(value, clause.expression, path)
                    return Missing.VALUE
        return value

    def _primitive(self, value: Any, name: str, path: Path) -> Any:
        check = {
            "string": self._text, "boolean": self._boolean, "integer": self._integer, "float": self._float,
            "nil": self._null, "null": self._null, "range": self._range,
        }.get(name)  # fmt: skip
        if check:
            return check(value, path)
        if name in scalars.UNITS:
            if units.normative_amount(value, name) is not None:
                return value
            return self._wrong(value, f"a {name}", path, f"units are {', '.join(scalars.UNITS[name])}")
        return value if name in ("any", "json", "xml", "scalar") else self._literal(value, name, path)

    def _boolean(self, value: Any, path: Path) -> Any:
        if isinstance(value, str) and value.lower() in _BOOLEANS and not self._strict:
            self._report.warning("tosca-text-as-boolean", f"the text {value!r} is read as a boolean", path)
            return _BOOLEANS[value.lower()]
        return value if isinstance(value, bool) else self._wrong(value, "a boolean", path)

    def _integer(self, value: Any, path: Path) -> Any:
        if isinstance(value, str) and re.fullmatch(r"[-+]?\d{1,18}", value) and not self._strict:
            self._report.warning("tosca-text-as-number", f"the text {value!r} is read as a number", path)
            return int(value)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return value if whole else self._wrong(value, "an integer", path)

    def _float(self, value: Any, path: Path) -> Any:
        real = isinstance(value, (int, float)) and not isinstance(value, bool)
        return value if real else self._wrong(value, "a float", path)

    def _null(self, value: Any, path: Path) -> Any:
        return None if value is None else self._wrong(value, "null", path)

    def _range(self, value: Any, path: Path) -> Any:
        two = isinstance(value, list) and len(value) == 2  # noqa: PLR2004 # a range has two ends
        return value if two else self._wrong(value, "a range, a list of two bounds", path)

    def _literal(self, value: Any, name: str, path: Path) -> Any:
        """Check what is written as text of a certain form."""
        if value is None or isinstance(value, (dict, list, bool)):
            return self._wrong(value, f"a {name}", path)
        form = {"version": _VERSION, "timestamp": _TIMESTAMP, "bytes": _BASE64}[name]
        text = str(value)
        if name == "bytes" and not isinstance(value, str):
            return self._wrong(value, "base64 text", path)
        if not form.fullmatch(text):
            if self._strict or name == "bytes":
                return self._wrong(value, f"a {name}", path)
            self._report.warning("tosca-value-not-listed", f"{value} does not look like a {name}", path)
        return text

    def _text(self, value: Any, path: Path) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if self._strict:
                return self._wrong(value, "a string", path, f'write "{text}" with quotation marks')
            hint = f'write "{text}" with quotation marks'
            self._report.warning("tosca-number-as-text", f"{text} is read as text", path, hint=hint)
            return text
        return self._wrong(value, "a string", path)

    def _conditioned(self, value: Any, declared: Schema, kind: Kind | None, path: Path) -> Any:
        """Check a value's conditions; return it in the spelling that they list."""
        number = self._number(declared, kind)
        for clause in (*(kind.clauses if kind else ()), *declared.clauses):
            if holds(clause.expression, value, number):
                continue
            normative = clause.scope.built_in and not self._strict
            listed = sequence(mapping(clause.expression).get("valid_values")) if normative else ()
            meant = spelt_otherwise(value, listed)
            if meant is None:
                self._unmet(value, clause.expression, path)
            else:
                self._report.warning("tosca-value-spelling", f"{value} is read as {meant}", path, hint=f"write {meant}")
                value = meant
        return value

    def _number(self, declared: Schema, kind: Kind | None) -> Number:
        """Return what makes values of a type comparable."""
        primitive = kind.primitive if kind else declared.type
        if primitive == "scalar" and kind:
            return lambda value: units.amount(value, kind) if isinstance(value, str) else value
        if primitive in scalars.UNITS:
            return lambda value: units.normative_amount(value, primitive) if isinstance(value, str) else value
        if primitive == "version":
            return _version
        return _itself

    def _unmet(self, value: Any, expression: Any, path: Path) -> None:
        self._report.error("tosca-constraint", f"{_shown(value)} does not meet {_told(expression)}", path)

    def _wrong(self, value: Any, wanted: str, path: Path, hint: str = "") -> Any:
        self._report.error("tosca-wrong-type", f"{_shown(value)} is not {wanted}", path, hint=hint)
        return Missing.VALUE


def _is_described(value: Any, declared: Schema) -> bool:
    """Whether an attribute's value comes with a description (TOSCA Simple 1.x), and is not such a map itself."""
    plain = declared.type in PRIMITIVES and declared.type not in ("map", "json", "any")
    return plain and isinstance(value, dict) and value.keys() == {"description", "value"}


def _itself(value: Any) -> Any:
    return value


def _version(value: Any) -> Any:
    parts = re.split(r"[.-]", str(value))
    return tuple((int(part), "") if part.isdecimal() and len(part) < 19 else (-1, part) for part in parts)  # noqa: PLR2004 # digits of a 64-bit number


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(value)[:80] if isinstance(value, str) else str(value)


def _told(expression: Any) -> str:
    """Return a condition as one would say it."""
    ((name, bound),) = list(mapping(expression).items())[:1] or [("", expression)]
    rest = [item for item in bound if item != "$value"] if isinstance(bound, list) and name.startswith("$") else bound
    return f"{name.lstrip('$')} {rest[0] if isinstance(rest, list) and len(rest) == 1 else rest}"[:200]
