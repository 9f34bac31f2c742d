"""Nobody begins a task whose error nobody would hear of."""

from __future__ import annotations

import re

from checkout import PACKAGES, ROOT

WHO_WAIT = {
    "mano_runtime/background.py",  # begins tasks for all others, and tells the log of their errors
    "mano_runtime/unbroken.py",  # takes the answer of its task, or tells the log of it
    "mano_runtime/rest/answers.py",
    "mano_runtime/workflow/attempt.py",
    "mano_runtime/workflow/cancellation.py",
    "vim_adapters/guarded.py",
    "vnfm/drivers/conformance/suite.py",
    "vnfm/drivers/tidying.py",
}
"""They wait for each task that they begin, whatever happens meanwhile."""


def found(pattern: str) -> set[str]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {str(file.relative_to(ROOT)) for file in files if re.search(pattern, file.read_text())}


def test_tasks_are_begun_where_somebody_waits_for_them():
    """Whoever else has something to do beside what it does asks ``in_background`` or ``Unbroken`` for it."""
    assert found(r"\basyncio\.(create_task|ensure_future)\(") == WHO_WAIT


def test_nobody_shields():
    """``asyncio.shield`` forgets what it shields when its caller is cancelled: its error is nobody's, nor its end."""
    assert found(r"\basyncio\.shield\(") == set()
