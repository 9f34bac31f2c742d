"""The page on the descriptors of other projects tells what is true now."""

import pytest
from descriptor_conformance import CORPUS, PAGE, judged, page

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real packages is not at MANO_SHARED")


def test_the_page_lists_what_is_accepted_and_why_the_rest_is_not():
    """Counts and reasons are those of this very code."""
    assert PAGE.read_text() == page(judged()), "run `python tests/contract/descriptors/descriptor_conformance.py`"
