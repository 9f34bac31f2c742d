import ast
import re
from pathlib import Path

import descriptors

ROOM = Path(descriptors.__file__).parent
PAGE = ROOM.parent / "docs" / "reference" / "diagnostics.md"
CODE = re.compile(
    r"(csar|tosca|yaml|sol001|manifest|meta|document|image|script|more|sonata|signature|trust)(-[a-z0-9]+)+"
)
NOT_CODES = {"tosca-simple-yaml"}


def codes_in_use():
    codes = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                codes.add(node.value)
    return codes - NOT_CODES


def test_every_diagnostic_is_documented():
    """A code that a person meets is explained in the reference, and none is there that nothing reports."""
    documented = set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.read_text(), re.MULTILINE))
    assert documented == codes_in_use()
