"""Fields of a document, each read with its type and reported with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descriptors.tosca.documents import Path, Reporter
from descriptors.tosca.scalars import LARGEST


class Fields:
    """One mapping of a document; what is missing or of another type is an error and reads as nothing."""

    def __init__(self, value: Any, reporter: Reporter, path: Path = ()) -> None:
        self.report = reporter
        self.path = path
        self._value: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            reporter.error("sonata-wrong-type", "a mapping is expected here", path)

    def has(self, name: str) -> bool:
        """Whether a field is given."""
        return self._value.get(name) is not None

    def text(self, name: str, *, required: bool = False) -> str:
        """A string; numbers are read as their literal text."""
        value = self._value.get(name)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value)
        if value is not None or required:
            self._wrong(name, "text")
        return ""

    def number(self, name: str, default: int = 0, *, required: bool = False) -> float:
        """A number that is not negative."""
        value = self._value.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LARGEST:
            return value
        if value is not None or required:
            self._wrong(name, "a number, 0 or more")
        return default

    def inside(self, name: str, *, required: bool = False) -> Fields:
        """A mapping."""
        value = self._value.get(name)
        if value is None and not required:
            return Fields({}, self.report, (*self.path, name))
        return Fields(value, self.report, (*self.path, name))

    def each(self, name: str, *, required: bool = False) -> Iterator[Fields]:
        """Every mapping of a list."""
        value = self._value.get(name)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield Fields(item, self.report, (*self.path, name, index))
        elif value is not None or required:
            self._wrong(name, "a list")

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        value = self._value.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self._wrong(name, "a list of names")
        return []

    def _wrong(self, name: str, wanted: str) -> None:
        found = "missing" if name not in self._value else f"not {wanted}"
        self.report.error(
            "sonata-wrong-type", f"{name} is {found}", (*self.path, name), hint=f"{name} must be {wanted}"
        )


def identity(fields: Fields) -> str:
    """The id that stands for a descriptor: its vendor, name and version."""
    return ".".join(fields.text(name, required=True) for name in ("vendor", "name", "version"))


def size_bytes(fields: Fields, amount: str = "size", unit: str = "size_unit") -> int:
    """An amount with its unit beside it."""
    named = fields.text(unit) or "GB"
    factor = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}.get(named.lower().rstrip("bi"))
    if factor is None:
        fields.report.error("sonata-wrong-type", f"{named} is no unit of size", (*fields.path, unit))
        return 0
    if "i" in named.lower():
        factor = {10**3: 2**10, 10**6: 2**20, 10**9: 2**30, 10**12: 2**40}.get(factor, factor)
    return min(int(fields.number(amount, required=True) * factor), LARGEST)
