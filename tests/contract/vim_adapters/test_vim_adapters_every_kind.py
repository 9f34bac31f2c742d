from __future__ import annotations

import importlib
from pathlib import Path

from vim_adapters.conformance import AdapterConformance
from vim_adapters.registry import KINDS


def _suites(suite):
    for child in suite.__subclasses__():
        yield child
        yield from _suites(child)


def test_every_kind_of_vim_runs_the_kit():
    """A kind in the registry has a suite here that is named ``..._conformance``."""
    for path in Path(__file__).parent.glob("test_*_conformance.py"):
        importlib.import_module(path.stem)
    assert set(KINDS) <= {suite.vim_type for suite in _suites(AdapterConformance)}
