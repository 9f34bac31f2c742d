"""Attribute selectors cut the entries of a list (SOL013 5.3)."""

import pytest

from mano_runtime.rest.problems import ProblemError
from mano_runtime.rest.selectors import selection

VNF = {
    "id": "1",
    "state": "INSTANTIATED",
    "metadata": {"team": "north"},
    "info": {"flavour": "small", "levels": [{"aspect": "a"}], "vnfc": [{"id": "c", "storage": ["s"]}]},
    "links": {"self": "/1"},
}
OMITTED = ("info", "metadata")


def cut(**query):
    return selection(query, omitted=OMITTED, kept={"links"})(VNF)


def without(*names):
    return {name: value for name, value in VNF.items() if name not in names}


def test_a_plain_list_omits_what_the_standard_says():
    """No selector means exclude_default."""
    assert cut() == cut(exclude_default="") == without("info", "metadata")


def test_all_fields_omits_nothing():
    """The client gets the full representation."""
    assert cut(all_fields="") == VNF


def test_fields_adds_structured_attributes_to_the_simple_and_required_ones():
    """Only structured attributes are chosen; simple and required ones are always there."""
    assert cut(fields="metadata") == without("info")
    assert cut(fields="metadata,info/levels")["info"] == {"flavour": "small", "levels": [{"aspect": "a"}]}


def test_exclude_fields_removes_structured_attributes_only():
    """What is named is removed, also inside arrays, unless it is simple or required."""
    assert cut(exclude_fields="metadata") == without("metadata")
    assert cut(exclude_fields="id,links,absent") == VNF
    assert cut(exclude_fields="info/vnfc/storage")["info"]["vnfc"] == [{"id": "c"}]


def test_fields_and_exclude_default_together_bring_back_what_is_named():
    """The defaults are left out except for what the client names, in whole or in part."""
    assert cut(exclude_default="", fields="metadata") == without("info")
    assert cut(exclude_default="", fields="info/levels")["info"] == {"flavour": "small", "levels": [{"aspect": "a"}]}


@pytest.mark.parametrize(
    "query", [{"all_fields": "", "fields": "info"}, {"fields": ""}, {"exclude_fields": "a//b"}, {"fields": "a,,b"}]
)
def test_contradictions_and_empty_names_are_refused(query):
    """The problem is a 400."""
    with pytest.raises(ProblemError) as refusal:
        cut(**query)
    assert refusal.value.status == 400
