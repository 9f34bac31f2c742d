from __future__ import annotations

import importlib
from pathlib import Path

from vim_adapters.conformance import AdapterConformance
from vim_adapters.registry import KINDS


def _suites(suite):
    for child in suite.__subclasses__():
        yield child
        yield from _suites(child)


def test_every_kind_of_vim_runs_the_kit(monkeypatch):
    """A kind's module has a suite named ``..._conformance``, here or where the tests against live VIMs are."""
    tests = Path(__file__).parents[2]
    for folder in (Path(__file__).parent, *sorted((tests / "lab").glob("*/"))):
        monkeypatch.syspath_prepend(folder)
        for path in folder.glob("test_*_conformance.py"):
            importlib.import_module(path.stem)
    tried = {KINDS[suite.vim_type].module for suite in _suites(AdapterConformance) if hasattr(suite, "vim_type")}
    assert tried == {kind.module for kind in KINDS.values()}
