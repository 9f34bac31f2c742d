"""Plain scalars by YAML 1.2's core schema: ``yes`` and dates are text, numbers keep their literal text."""

from __future__ import annotations

import re
from typing import Any

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_POINTED = re.compile(r"\.(inf|nan)", re.IGNORECASE)
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LONGEST_NUMBER = 400  # digits; longer ones are not numbers that anybody means, and slow to convert
_NUMERIC_START = frozenset("+-.0123456789")


class LiteralFloat(float):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __str__(self) -> str:
        return self.text


class LiteralInt(int):
    """An integer whose text is not its plain decimal form (``007``, ``0x1f``)."""

    text: str

    def __str__(self) -> str:
        return self.text


def scalar(text: str) -> Any:
    """Return the value of a plain scalar: None, a boolean, a number that keeps its text, or the text."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMERIC_START else text


def _number(text: str) -> Any:
    if _INT.fullmatch(text) and len(text) <= _LONGEST_NUMBER:
        number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if str(number) == text:
            return number
        literal = LiteralInt(number)
        literal.text = text
        return literal
    if _FLOAT.fullmatch(text) and not _INT.fullmatch(text):
        real = LiteralFloat(_POINTED.sub(r"\1", text))
        real.text = text
        return real
    return text
