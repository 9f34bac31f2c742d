import pytest

from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.tosca.documents import parse, plain
from descriptors.tosca.literals import scalar


def parsed(text, **limits):
    diagnostics = Diagnostics()
    document = parse("f.yaml", text.encode(), Limits(**limits), diagnostics)
    return document, diagnostics.found


def test_every_value_has_its_place():
    """A path leads to the line and column of its key, a list's to the item, a wrong one to what is nearest."""
    document, _ = parsed("a:\n  b:\n    - x\n    - c: 1\n")
    assert document is not None
    assert document.place(("a", "b")) == (2, 3)
    assert document.place(("a", "b", 1)) == (4, 7)
    assert document.place(("a", "b", 1, "c")) == (4, 7)
    assert document.place(("a", "nothing", "here")) == (1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", "yes"), ("true", True), ("", None), ("~", None), ("12", 12), ("0x1f", 31), ("1e3", 1000.0), ("-", "-"),
     ("2024-01-01", "2024-01-01"), ("1:30", "1:30"), ("9" * 5000, "9" * 5000)],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text, value):
    """Words and dates are text, numbers are numbers, and absurd ones are text."""
    assert scalar(text) == value


@pytest.mark.parametrize("text", ["1.10", "007", "1.0", "+5", "1e3"])
def test_numbers_keep_their_literal_text(text):
    """A version that looks like a number is not rounded, and leaves for the model as a plain number."""
    assert str(scalar(text)) == text
    assert type(plain(scalar(text))) in (int, float)


def test_a_syntax_error_has_its_line():
    """What is not YAML is reported where it stops being YAML."""
    document, found = parsed("a: 1\nb: c: d\n")
    assert document is None
    assert (found[0].code, found[0].line) == ("yaml-syntax", 2)


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000])
def test_deep_nesting_is_refused(text):
    """No document exhausts the stack."""
    document, found = parsed(text)
    assert document is None
    assert found[0].code == "yaml-limit"


def test_depth_counts_through_aliases():
    """Anchors cannot stack what nesting may not."""
    text = "x0: &x0 [1]\n" + "".join(f"x{i}: &x{i} [[[[[[[[[[*x{i - 1}]]]]]]]]]]\n" for i in range(1, 15))
    document, found = parsed(text)
    assert document is None
    assert found[0].code == "yaml-limit"


def test_a_billion_laughs_are_refused():
    """Aliases count as often as they are used."""
    text = "x0: &x0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]\n" for i in range(1, 12)
    )
    document, found = parsed(text)
    assert document is None
    assert (found[0].code, found[0].file) == ("yaml-limit", "f.yaml")


def test_duplicate_keys_are_told_and_the_last_counts():
    """YAML forbids them, packages have them."""
    document, found = parsed("a: 1\nb: 2\na: 3\n")
    assert document is not None
    assert document.root == {"a": 3, "b": 2}
    assert (found[0].code, found[0].line) == ("yaml-duplicate-key", 3)


def test_merge_keys_fill_in():
    """``<<`` adds what is not there."""
    document, _ = parsed("base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  y: 3\n")
    assert document is not None
    assert document.root["mine"] == {"x": 1, "y": 3}


@pytest.mark.parametrize("text", ["? [a]\n: b", "a: *nowhere", "%YAML 9.9\n--- a", "\x00"])
def test_odd_documents_are_findings(text):
    """Nothing that is not a document of ours raises."""
    document, found = parsed(text)
    assert document is None
    assert found[0].code == "yaml-syntax"


def test_documents_that_are_too_large_are_refused():
    """Nodes are counted."""
    document, found = parsed("[" + "1," * 200 + "]", nodes=100)
    assert document is None
    assert found[0].code == "yaml-limit"
