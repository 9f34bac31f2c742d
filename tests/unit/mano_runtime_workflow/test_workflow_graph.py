from __future__ import annotations

import pytest

from mano_runtime.workflow.graph import (
    Resource,
    UnresolvedReferenceError,
    graph_of,
    parse_reference,
    reference,
    references,
    resolve,
    text,
)

SPEC = {"net": reference("net"), "ports": [{"ip": reference("a/b", "addresses")}, "plain"], "count": 3}
RESULTS = {"net": {"id": "n1"}, "a/b": {"id": "p1", "addresses": ["10.0.0.1"]}}


def test_references_are_found_anywhere():
    """A reference is found however deep it is in a spec."""
    assert sorted(references(SPEC)) == ["a/b", "net"]
    resource = Resource(path="x", kind="k", spec=SPEC, depends_on=("later",))
    assert resource.needs == {"a/b", "net", "later"}


def test_references_are_resolved_in_place():
    """Each reference becomes the value it stands for, of whatever type; the rest of the spec is untouched."""
    assert resolve(SPEC, RESULTS.get) == {"net": "n1", "ports": [{"ip": ["10.0.0.1"]}, "plain"], "count": 3}


@pytest.mark.parametrize("path", ["net", "other"])
def test_what_has_no_value_cannot_be_resolved(path):
    """A missing resource and a missing attribute are both named."""
    with pytest.raises(UnresolvedReferenceError, match=f"'{path}' has no 'mtu' yet"):
        resolve([reference(path, "mtu")], RESULTS.get)


@pytest.mark.parametrize("value", ["net", "urn:mano:other", 3, None, ["x"]])
def test_everything_else_is_no_reference(value):
    """Only strings made by ``reference`` are references."""
    assert parse_reference(value) is None
    assert resolve(value, RESULTS.get) == value


def test_a_reference_without_an_attribute_means_the_identifier():
    """``reference`` and ``parse_reference`` are inverse; the identifier is the default attribute."""
    assert parse_reference(reference("a/b", "mac")) == ("a/b", "mac")
    assert parse_reference(reference("a/b")) == ("a/b", "id")
    assert parse_reference("urn:mano:resource:a/b") == ("a/b", "id")


def test_a_path_is_used_once():
    """Two resources of one path are a mistake of the planner's."""
    one = Resource(path="x", kind="k", spec={})
    with pytest.raises(ValueError, match="share the path 'x'"):
        graph_of(one, one)


def test_texts_are_made_of_parts():
    """What is known is joined at once; with references it is joined when they are resolved, lists with commas."""
    assert text(["a", 1, ["b", "c"]]) == "a1b,c"
    late = text(["http://", reference("p", "addresses.0"), "/", text([reference("p", "addresses")])])
    assert set(references(late)) == {"p"}
    assert resolve(late, lambda _path: {"addresses": ["x", "y"]}) == "http://x/x,y"


def test_references_lead_into_values():
    """Dots go into maps and lists; where nothing is, nothing is made up."""
    facts = {"a": {"b": ["x", "y"]}}
    assert resolve(reference("p", "a.b.1"), lambda _path: facts) == "y"
    for attribute in ("a.c", "a.b.2", "a.b.x", "a.b.1.z"):
        with pytest.raises(UnresolvedReferenceError, match=attribute.replace(".", r"\.")):
            resolve(reference("p", attribute), lambda _path: facts)
