"""The page on the descriptors of other projects tells what is true now."""

import pytest
from descriptor_conformance import CORPUS, PAGE, RATCHET, accepted, corpus, judged, page, reading

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real packages is not at MANO_SHARED")


@pytest.fixture(scope="module")
def verdicts():
    return judged()


def test_no_file_raises_and_every_error_has_its_place():
    """Every file of the corpus gets a model, or errors with their places."""
    for path in corpus():
        onboarded = reading(path)
        errors = [finding for finding in onboarded.diagnostics if finding.severity == "error"]
        assert bool(errors) == onboarded.failed, path
        for finding in errors:
            placed = finding.line > 0 or finding.code.startswith(("csar-", "document-", "signature-"))
            assert placed, f"{path.name}: {finding}"


def test_what_was_accepted_stays_accepted():
    """None of the files that were accepted once is lost."""
    ratchet, now = set(RATCHET.read_text().splitlines()), set(accepted())
    assert not ratchet - now, "accepted before, refused now"
    assert not now - ratchet, "accepted now for the first time: add to the ratchet"


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
