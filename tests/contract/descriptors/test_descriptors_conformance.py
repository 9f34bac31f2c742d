"""The page on the descriptors of other projects tells what is true now."""

import pytest
from descriptor_conformance import CORPUS, PAGE, judged, page

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real packages is not at MANO_SHARED"),
    pytest.mark.xdist_group("corpus"),
]


@pytest.fixture(scope="module")
def verdicts():
    return judged()


def test_the_page_lists_what_is_accepted_and_why_the_rest_is_not(verdicts):
    """Counts and reasons are those of this very code."""
    assert PAGE.read_text() == page(verdicts), "run `python tests/contract/descriptors/descriptor_conformance.py`"


def test_no_fewer_descriptors_are_accepted_than_before(verdicts):
    """Of what is whole and not broken on purpose, 95 of 100 are accepted; what was accepted once stays so."""
    counted = [
        verdict
        for descriptors in verdicts.values()
        for verdict in descriptors.values()
        if not verdict.on_purpose and not verdict.incomplete
    ]
    accepted = [verdict for verdict in counted if not verdict.errors]
    assert len(accepted) >= 175
    assert len(accepted) >= 0.95 * len(counted)
