"""There is one planner: what any operation does is the difference of two graphs, on its way and on its way back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checkout import PACKAGES, ROOT

PLANNER = "mano_runtime.workflow.plan"
PLANNED = {"Plan", "Step"}


def made_by_hand(source: str) -> Iterator[str]:
    """Yield what a module makes of a plan by itself: a plan, a step, or a plan that is given other steps."""
    tree = ast.parse(source)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == PLANNER]
    names = {it.asname or it.name for node in imports for it in node.names if it.name in PLANNED}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names or (name == "replace" and any(keyword.arg == "steps" for keyword in node.keywords)):
                yield f"line {node.lineno}: {name}"


def test_no_operation_has_a_planner_of_its_own():
    """No step of a plan is made outside of the workflow, which knows nothing of any operation."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    outside = [file for file in files if "workflow" not in file.relative_to(ROOT).parts[:2]]
    assert len(outside) > 400
    found = {str(file.relative_to(ROOT)): [*made_by_hand(file.read_text(encoding="utf-8"))] for file in outside}
    assert {file: made for file, made in found.items() if made} == {}


def test_a_planner_of_its_own_would_be_found():
    """However it goes about it."""
    source = f"from {PLANNER} import Plan, Step as One\nPlan(steps=())\nOne(id='a')\nstructs.replace(plan, steps=())\n"
    assert [*made_by_hand(source)] == ["line 2: Plan", "line 3: One", "line 4: replace"]
