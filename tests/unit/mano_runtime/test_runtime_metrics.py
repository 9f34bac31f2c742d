"""Metrics follow Prometheus' conventions, as promtool judges them, or its rules written down here."""

import re
import shutil
import subprocess

import pytest
from prometheus_client import generate_latest

from mano_runtime import metrics

OURS = [family for family in metrics.REGISTRY.collect() if family.name.startswith("mano_")]
BASE_UNITS = ("_seconds", "_bytes", "_rows", "_ratio")
UNBOUNDED = {"id", "path", "url", "name", "message", "subject", "instance", "detail"}


@pytest.fixture
def exposition():
    """The text of /metrics with a value in every family."""
    for family in vars(metrics).values():
        labels = getattr(family, "_labelnames", None)
        if labels:
            family.labels(*("x" for _ in labels))
    return generate_latest(metrics.REGISTRY)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool on PATH (Debian package prometheus)")
def test_promtool_finds_nothing(exposition):
    """`promtool check metrics` has no complaint, nor a hint."""
    ours = b"".join(line + b"\n" for line in exposition.splitlines() if b"mano_" in line)
    verdict = subprocess.run(["promtool", "check", "metrics"], input=ours, capture_output=True, check=False)
    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, b"", b"")


@pytest.mark.parametrize("family", OURS, ids=lambda family: family.name)
def test_names_and_labels_follow_the_conventions(family):
    """Help ends as a sentence, names are lower case with base units, labels are few and bounded."""
    assert re.fullmatch(r"mano(_[a-z]+)+", family.name)
    assert family.documentation.endswith(".")
    if family.type == "histogram":
        assert family.name.endswith(BASE_UNITS)
    assert "milli" not in family.name
    metric = next(item for item in vars(metrics).values() if getattr(item, "_name", None) == family.name)
    assert not UNBOUNDED & set(metric._labelnames)


def test_counters_end_in_total_and_nothing_else_does(exposition):
    """A counter is known by its name."""
    types = dict(re.findall(r"^# TYPE (mano_\S+) (\S+)$", exposition.decode(), re.MULTILINE))
    assert types
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in types.items())
