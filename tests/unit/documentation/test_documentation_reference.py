"""The reference names everything that the code has, so that it cannot lag behind."""

import re

import msgspec
import pytest
from checkout import PACKAGES, ROOT

from mano_runtime import metrics
from mano_runtime.settings import PREFIX, Settings

REFERENCE = ROOT / "docs" / "reference"
FAMILIES = [family for family in metrics.REGISTRY.collect() if family.name.startswith("mano_")]


def rows(name):
    """Return the cells of every row of the tables of a page, by the first cell."""
    lines = (REFERENCE / name).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in cells}


def problem_types():
    """Yield every problem type of the code; what is computed becomes a star."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            source = file.read_text(encoding="utf-8")
            for slug in re.findall(r'"urn:mano:problem:([^"<]+)"|slug(?:: str )?= ?"([a-z-]+)"', source):
                if slug[0] not in {"{error.slug}", "{slug}"}:  # passed on: found where they are given
                    yield re.sub(r"\{[^}]*\}", "*", "".join(slug))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_metric_is_documented(family):
    """Name, type and labels of each metric stand in docs/reference/metrics.md."""
    name = family.name + ("_total" if family.type == "counter" else "")
    metric = next(item for item in vars(metrics).values() if getattr(item, "_name", None) == family.name)
    kind, labels, *_ = rows("metrics.md")[name]
    assert kind == family.type
    assert re.findall(r"`(\w+)`", labels) == list(metric._labelnames)


def test_no_metric_is_documented_that_is_not_there():
    """What the page promises exists."""
    names = {family.name + ("_total" if family.type == "counter" else "") for family in FAMILIES}
    assert set(rows("metrics.md")) == names


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented(field):
    """Name, variable and default of each setting stand in docs/reference/settings.md."""
    variable, default, *_ = rows("settings.md")[field.name]
    assert variable == f"`{PREFIX}{field.name.upper()}`"
    assert default == f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def test_no_setting_is_documented_that_is_not_there():
    """What the page promises exists."""
    assert set(rows("settings.md")) == {field.name for field in msgspec.structs.fields(Settings)}


def test_every_problem_type_is_documented():
    """Each `type` of problem details that the code can answer stands in docs/reference/problems.md, and no other."""
    assert set(rows("problems.md")) == set(problem_types())
