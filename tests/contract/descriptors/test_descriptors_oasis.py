"""OASIS's own tests of TOSCA 2.0: valid templates are accepted, and invalid ones (by their names) refused.

A ratchet: the counts below never fall. What is judged otherwise than its name says is listed with the reason.
"""

import os
from pathlib import Path

import pytest

from descriptors.onboarding import read_package

SHARED = Path(os.environ.get("MANO_SHARED", Path(__file__).parents[4] / "shared"))
TESTS = SHARED / "corpus" / "open" / "templates" / "oasis" / "tests" / "tosca_2_0"
ACCEPTED_VALID = 165
REFUSED_INVALID = 106
OTHERWISE = {
    "call-operation-undefined-workflow-input.yaml": "uses an input that there is not, as its name says",
    "node-template-filter.yaml": "a slip of indentation makes $and a keyname of a node template",
    "s23.yaml": "a requirement for a capability of version 2 of a profile leads to a node that has version 1's",
    "dsl_definitions-invalid-at-no-name.yaml": "reusable definitions may be any YAML",
    "dsl_definitions-invalid-empty-key.yaml": "reusable definitions may be any YAML",
    "invalid_metadata_non_string_values.yaml": "a valid test has a number among its metadata, too",
    "scalar-invalid-prefixes-with-multiple-units.yaml": "the standard's own example has prefixes with two units",
    "schema-definition-map-bad-entry-schema-inv.yaml": "the entries of a map may be integers; its keys may not",
}

pytestmark = pytest.mark.skipif(not TESTS.is_dir(), reason="the corpus of real templates is not at MANO_SHARED")


def test_valid_templates_are_accepted_and_invalid_ones_refused():
    """As many as ever are judged as OASIS judges them, and every other one is known with its reason."""
    accepted = refused = 0
    otherwise = set()
    for path in sorted(TESTS.rglob("*.yaml")):
        onboarded = read_package(path, siblings=True)
        invalid = "inv" in path.name
        if onboarded.failed != invalid:
            otherwise.add(path.name)
        elif invalid:
            refused += 1
        else:
            accepted += 1
    assert otherwise == OTHERWISE.keys()
    assert accepted >= ACCEPTED_VALID
    assert refused >= REFUSED_INVALID
