"""The demonstration: what `make demo` shows is true, from an empty directory to an empty directory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WIDE = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def demo():
    return subprocess.run(
        [sys.executable, "-m", "nfvo.cli.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=WIDE,
    )


def test_the_demonstration_succeeds(demo):
    """It exits with 0, which it does only when every command worked and nothing is left on the VIM."""
    assert demo.returncode == 0, demo.stdout[-3000:] + demo.stderr[-3000:]
    assert "nothing is left behind" in demo.stderr


def test_it_shows_the_whole_life(demo):
    """Every act is there: catalogue, up, more, less, down, tidy."""
    typed = re.findall(r"^\$ mano (\S+ \S+)", demo.stdout, re.MULTILINE)
    for act in (
        "vnf-package onboard",
        "nsd onboard",
        "ns create",
        "ns instantiate",
        "ns show",
        "ns scale",
        "ns terminate",
        "ns delete",
    ):
        assert act in typed


def test_the_topology_has_vnfs_components_points_links_and_resources(demo):
    """After instantiation a person sees what runs where, with addresses and identifiers on the VIM."""
    tree = demo.stdout.split("$ mano ns show", 1)[1].split("$ mano", 1)[0]
    for name in (
        "wan",
        "lan",
        "mgmt",
        "transit",
        "SD-WAN firewall",
        "inspector",
        "forwarder_wan",
        "internal network",
        "volume",
    ):
        assert name in tree
    assert re.search(r"forwarder_wan .*203\.0\.113\.\d+", tree)


def test_scaling_adds_components_and_takes_them_away(demo):
    """Two steps out make three inspection nodes of one; the VNF says its level."""
    before, after = (part.split("$ mano", 1)[0] for part in demo.stdout.split("$ mano ns show")[1:3])
    assert len(re.findall(r"inspector/\d  server", before)) == 1
    assert len(re.findall(r"inspector/\d  server", after)) == 3
    assert "inspection at 2 of 3" in after


def test_nothing_is_left(demo):
    """The VIM itself is asked, at the end."""
    assert "Nothing of ours is on this VIM." in demo.stdout
