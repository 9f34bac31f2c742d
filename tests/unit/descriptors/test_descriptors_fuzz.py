from pathlib import Path

import pytest
from fuzz.inputs import KINDS, MEMBER, one_input

FOUND = Path(__file__).parents[2] / "data" / "descriptors" / "fuzz"
HOSTILE = {
    "flow": (b"yaml", b"[" * 50_000),
    "block": (b"yaml", b"- " * 50_000),
    "laughs": (b"vnfd", b"a: &a [x, x]\n" + b"".join(b"%d: &b%d [*a, *a]\n" % (n, n) for n in range(5_000))),
    "merges": (b"vnfd", b"a: &a {x: 1}\n" + b"b: {" + b"<<: *a, " * 9_000 + b"}"),
    "numbers": (b"nsd", b"tosca_definitions_version: tosca_2_0\nmetadata: {a: " + b"9" * 50_000 + b"}\n"),
    "escape": (b"members", MEMBER[1:] + b"../../x\na"),
    "twice": (b"members", MEMBER[1:] + b"a\nb" + MEMBER + b"A\nb"),
    "manifest": (b"manifest", b"Source: a\nHash: " * 4_000),
}


@pytest.mark.parametrize("path", sorted(FOUND.glob("*")), ids=lambda path: path.name)
def test_what_fuzzing_found_stays_mended(path, tmp_path):
    """Inputs that broke a reader once end in a model or in findings."""
    one_input(path.read_bytes(), tmp_path)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_inputs_end_in_findings(name, tmp_path):
    """Bombs of every kind are refused; none raises or goes on for ever."""
    kind, content = HOSTILE[name]
    one_input(bytes([KINDS.index(kind.decode())]) + content, tmp_path)
