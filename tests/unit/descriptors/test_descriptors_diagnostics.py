"""What can be found, what is explained and what the reference says are the same."""

import ast
import re
from pathlib import Path

import pytest
from diagnostic_pages import REFERENCE, pages

import descriptors
from descriptors.explanations import SECTIONS
from descriptors.mode import LENIENT_WARNINGS, STRICT_ERRORS

ROOM = Path(descriptors.__file__).parent
CODE = re.compile(
    r"(csar|tosca|yaml|sol001|manifest|meta|document|image|script|more|sonata|signature|trust)(-[a-z0-9]+)+"
)
NOT_CODES = {"tosca-simple-yaml"}
EXPLAINED = {code: explanation for codes in SECTIONS.values() for code, explanation in codes.items()}
HOW = "run `python tests/unit/descriptors/diagnostic_pages.py`"


def codes_in_use():
    codes = set()
    for path in ROOM.rglob("*.py"):
        if path.parent.name == "explanations" or path.name == "mode.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                codes.add(node.value)
    return codes - NOT_CODES


def test_every_diagnostic_is_explained():
    """A code that a person meets is explained, and none is there that nothing reports."""
    assert set(EXPLAINED) == codes_in_use(), "see descriptors/explanations"


def test_the_modes_weigh_codes_that_exist():
    """What a mode weighs otherwise is a code, and one whose severity there is something to change of."""
    for codes, native in ((STRICT_ERRORS, "warning"), (LENIENT_WARNINGS, "error")):
        assert [code for code in codes if native not in EXPLAINED[code].severity] == []


@pytest.fixture(scope="module")
def made():
    return pages()


def test_the_reference_is_made_of_the_explanations(made):
    """Each code has its page with what is really printed, and the index lists them all."""
    for path, text in made.items():
        file = REFERENCE / path
        assert file.exists(), HOW
        assert file.read_text() == text, HOW


def test_the_reference_has_no_page_too_many(made):
    """No page tells of a code that is gone."""
    assert {f"diagnostics/{page.name}" for page in (REFERENCE / "diagnostics").glob("*.md")} <= set(made), HOW
