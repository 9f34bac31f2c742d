"""ASN.1 in its Basic Encoding Rules (X.690), as far as CMS signatures need them.

No certificates are read here, and nothing is decided: this is where bytes end and elements begin. It is our own
because the maintained libraries read DER only, and signatures by Java tools have indefinite lengths (BER).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

SEQUENCE = 0x30
SET = 0x31
INTEGER = 0x02
OCTETS = 0x04
OBJECT = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
CONTEXT_0 = 0xA0
CONTEXT_1 = 0xA1
PRIMITIVE_CONTEXT_0 = 0x80

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_LONG_LENGTH = 0x80
_MOST_LENGTH_OCTETS = 8
_DEEPEST = 32
_LONGEST_ARC = 16  # octets of one number of an object identifier


class BerError(ValueError):
    """These bytes are no element, or not the one that is expected."""


class Element(NamedTuple):
    """One tag, length and value."""

    tag: int
    """The identifier octet: class, constructed or not, number."""
    content: bytes
    """The value; of an indefinite length without its end."""

    @property
    def constructed(self) -> bool:
        """Whether the value is made of elements."""
        return bool(self.tag & _CONSTRUCTED)

    def children(self) -> Iterator[Element]:
        """Yield the elements that a constructed value is made of; BerError when they are broken."""
        at = 0
        while at < len(self.content):
            child, at = _read(self.content, at, 0)
            yield child

    def items(self, tag: int | None = None) -> list[Element]:
        """Return the elements inside; BerError when this is not tagged ``tag``."""
        if tag is not None and self.tag != tag:
            raise BerError(f"tag {self.tag:#x} where {tag:#x} is expected")
        if not self.constructed:
            raise BerError(f"tag {self.tag:#x} holds no elements")
        return list(self.children())

    def der(self, *, tag: int | None = None, depth: int = 0) -> bytes:
        """Return this with definite lengths, the elements in their order; ``tag`` stands in for its own."""
        if depth > _DEEPEST:
            raise BerError("nested too deep")
        content = self.content
        if self.constructed:
            content = b"".join(child.der(depth=depth + 1) for child in self.children())
        return bytes([self.tag if tag is None else tag]) + _length(len(content)) + content

    def integer(self) -> int:
        """Return the value of an INTEGER."""
        return int.from_bytes(self._of(INTEGER), "big", signed=True)

    def octets(self) -> bytes:
        """Return the value of an OCTET STRING, in one piece or several."""
        if self.tag == OCTETS | _CONSTRUCTED:
            return b"".join(child._of(OCTETS) for child in self.children())  # noqa: SLF001  # of this same class
        return self._of(OCTETS)

    def identifier(self) -> str:
        """Return an OBJECT IDENTIFIER in dots."""
        numbers, number, size = [], 0, 0
        for octet in self._of(OBJECT):
            number, size = number << 7 | octet & 0x7F, size + 1
            if size > _LONGEST_ARC:
                break
            if not octet & 0x80:
                numbers.append(number)
                number, size = 0, 0
        if size or not numbers:
            raise BerError("a broken object identifier")
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))

    def _of(self, tag: int) -> bytes:
        if self.tag != tag:
            raise BerError(f"tag {self.tag:#x} where {tag:#x} is expected")
        return self.content


def read(data: bytes) -> Element:
    """Return the element that ``data`` begins with; BerError when there is none."""
    return _read(data, 0, 0)[0]


def _read(data: bytes, at: int, depth: int) -> tuple[Element, int]:
    """Return the element at ``at`` and where it ends."""
    if depth > _DEEPEST:
        raise BerError("nested too deep")
    if at + 2 > len(data):
        raise BerError("cut short")
    tag, size = data[at], data[at + 1]
    if tag & _LONG_TAG == _LONG_TAG:
        raise BerError("a tag of several octets")
    at += 2
    if size == _LONG_LENGTH:
        return _indefinite(data, tag, at, depth)
    if size & _LONG_LENGTH:
        octets = size & ~_LONG_LENGTH
        if octets > _MOST_LENGTH_OCTETS:
            raise BerError("a length beyond reason")
        size = int.from_bytes(data[at : at + octets], "big")
        at += octets
    if at + size > len(data):
        raise BerError("cut short")
    return Element(tag, data[at : at + size]), at + size


def _indefinite(data: bytes, tag: int, start: int, depth: int) -> tuple[Element, int]:
    if not tag & _CONSTRUCTED:
        raise BerError("a primitive element without a length")
    at = start
    while data[at : at + 2] != b"\0\0":
        _, at = _read(data, at, depth + 1)
    return Element(tag, data[start:at]), at + 2


def _length(size: int) -> bytes:
    if size < _LONG_LENGTH:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([_LONG_LENGTH | len(octets)]) + octets
