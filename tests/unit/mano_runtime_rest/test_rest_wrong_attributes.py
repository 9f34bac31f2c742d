"""Which attribute of a body is wrong, and what it should be."""

from __future__ import annotations

import enum
from typing import Any, Literal

import msgspec
import pytest

from mano_runtime.rest.wrong_attributes import wrong_attribute


class Colour(enum.StrEnum):
    RED = "RED"
    BLUE = "BLUE"


class Room(msgspec.Struct, rename="camel"):
    wall_colour: Colour
    doors: dict[str, Colour] = {}


class Garden(msgspec.Struct, forbid_unknown_fields=True):
    trees: int = 0
    fence: Literal["wood", "iron"] = "wood"


class House(msgspec.Struct):
    rooms: dict[str, Room | None] = {}
    cellar: dict[str, Room] = {}
    colours: tuple[Colour, ...] = ()
    roof: Colour | None = None
    size: int = 1
    garden: Garden | None = None
    numbers: dict[str, int] = {}
    notes: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("body", "path", "what"),
    [
        ({"roof": "PINK"}, "$.roof", "'PINK' is not one of RED, BLUE"),
        ({"colours": ["RED", "PINK"]}, "$.colours[1]", "'PINK' is not one of RED, BLUE"),
        ({"rooms": {"a": None, "b": {"wallColour": ""}}}, "$.rooms.b.wallColour", "'' is not one of RED, BLUE"),
        ({"rooms": {"a": None, "b.c": {}}}, "$.rooms.b.c.wallColour", "the attribute is required and missing"),
        ({"rooms": {"a": {"wallColour": "RED"}, "b": 1}}, "$.rooms.b", "Expected `object | null`, got `int`"),
        ({"cellar": {"a": {"wallColour": "RED"}, "b": None}}, "$.cellar.b", "Expected `object`, got `null`"),
        (
            {"cellar": {"a": {"wallColour": "RED", "doors": {"front": "PINK"}}}},
            "$.cellar.a.doors.front",
            "'PINK' is not one of RED, BLUE",
        ),
        ({"garden": {"pond": 1}}, "$.garden.pond", "there is no such attribute here; there are trees, fence"),
        ({"garden": {"fence": "hedge"}}, "$.garden.fence", "'hedge' is not one of iron, wood"),
        ({"size": "1"}, "$.size", "Expected `int`, got `str`"),
        ({"numbers": {"a": 1, "b": "2"}}, "$.numbers[...]", "Expected `int`, got `str`"),
        ([], "$", "Expected `object`, got `array`"),
    ],
)
def test_a_wrong_attribute_is_told_with_what_is_due(body, path, what):
    """Through the keys of maps, and with the values of an enumeration."""
    content = msgspec.json.encode(body)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(content, type=House)
    assert wrong_attribute(content, House, refused.value) == (path, what)


@pytest.mark.parametrize(
    ("content", "path", "what"),
    [
        (b'{"notes": {"a": 1e400}}', "$.notes[...]", "Number out of range"),
        (b'{"cellar": {"a": 1}, ', "$.cellar[...]", "Expected `object`, got `int`"),
        (b'{"roof": "PINK", "notes": \xff', "$.roof", "Invalid enum value 'PINK'"),
        (b"[" * 100_000, "$", "Expected `object`, got `array`"),
    ],
)
def test_where_the_rest_cannot_be_read_msgspec_keeps_its_words(content, path, what):
    """The first mistake is told, whatever comes after it."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(content, type=House)
    assert wrong_attribute(content, House, refused.value) == (path, what)
