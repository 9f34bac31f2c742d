"""Every code of a diagnostic can be provoked, and names the place that it is about."""

import pytest
from diagnostic_pages import finding_of
from provocation import Provocation
from provocations import ALL

from descriptors.explanations import SECTIONS, explanation

HOW = "add a package that provokes it to tests/unit/descriptors/provoked_*.py"


@pytest.mark.parametrize("provocation", ALL.values(), ids=ALL.keys())
def test_each_diagnostic_names_its_place(provocation: Provocation):
    """Line and column of what is meant; the file at least, where a finding is about all of it or is no YAML."""
    found = finding_of(provocation)
    assert found is not None, "not found at all"
    assert (found.file, found.line, found.column) == provocation.place
    known = explanation(provocation.code)
    assert known is not None
    assert found.severity in known.severity.split(", ")


def test_every_diagnostic_is_provoked():
    """No code without a package that shows it."""
    explained = {code for codes in SECTIONS.values() for code in codes}
    assert set(ALL) == explained, HOW
