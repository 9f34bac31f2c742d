"""Whatever a client sends, it gets an answer or a problem of its own making, and filters mean what they say."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from mano_runtime.rest.filters import parse_filter
from mano_runtime.rest.problems import ProblemError
from mano_runtime.rest.selectors import selection

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=5)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4))
OPERATORS = st.sampled_from(["eq", "neq", "in", "nin", "gt", "gte", "lt", "lte", "cont", "ncont"])


def quoted(value):
    return "'" + value.replace("'", "''") + "'"


@given(st.text())
def test_any_text_is_a_filter_or_a_problem(text):
    """Nonsense is refused, nothing else happens."""
    with contextlib.suppress(ProblemError):
        parse_filter(text)({"a": 1})


@given(OPERATORS, NAMES, st.text(), JSON)
def test_any_well_formed_filter_judges_any_entry(operator, name, value, entry):
    """Types that cannot be compared are no match, not a failure."""
    assert parse_filter(f"({operator},{name},{quoted(value)})")(entry) in {True, False}


@given(NAMES, st.text())
def test_a_quoted_value_finds_exactly_itself(name, value):
    """Commas, brackets, quotes and semicolons in a value mean nothing but themselves."""
    accepts = parse_filter(f"(eq,{name},{quoted(value)})")
    assert accepts({name: value})
    assert accepts({name: [value]})
    assert not accepts({name: value + "x"})


@given(st.sampled_from(["neq", "nin", "ncont"]), NAMES, st.text(), SCALARS | st.lists(SCALARS, min_size=1))
def test_a_negation_is_the_contrary_where_the_attribute_is_present(operator, name, value, found):
    """neq, nin and ncont choose what eq, in and cont do not."""
    positive = parse_filter(f"({operator.removeprefix('n')},{name},{quoted(value)})")
    negative = parse_filter(f"({operator},{name},{quoted(value)})")
    assert positive({name: found}) != negative({name: found})


@given(st.dictionaries(NAMES, JSON, max_size=6), st.lists(NAMES, min_size=1, max_size=3))
def test_fields_and_exclude_fields_part_an_entry(entry, names):
    """Each structured attribute is in exactly one of the two answers, every simple one in both."""
    listed = ",".join(names)
    with_them = selection({"fields": listed})(entry)
    without_them = selection({"exclude_fields": listed})(entry)
    for name, value in entry.items():
        if isinstance(value, dict | list):
            assert (name in with_them) != (name in without_them)
        else:
            assert with_them[name] == without_them[name] == value
