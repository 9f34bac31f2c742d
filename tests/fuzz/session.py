"""A bounded session of fuzzing; ``make fuzz`` runs it for FUZZ_SECONDS.

With atheris it is guided by coverage; without, it damages the seeds at random. An input that breaks a reader is kept
under tests/data/descriptors/fuzz, where a unit test replays it for ever. What was interesting is kept in .tools, and
the next session goes on from there. Seeds may be other people's work: write what was found anew, by hand and small,
before it is committed.
"""

import os
import random
import signal
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "tests" / "data" / "descriptors" / "fuzz"
CORPUS = ROOT / ".tools" / "fuzz-corpus"
SHARED = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open"
LONGEST = 60_000  # bytes of an input
SLOWEST = 10  # seconds of one input
_JUNK = (
    b"", b"~", b"[]", b"{}", b"- ", b"[[]]", b"1", b"-1", b"1.5", b"1e999", b"99999999999999999999", b"true", b"1 GB",
    b"'", b'"', b"&a ", b"*a", b"<<: *a", b"!!str ", b"? ", b"{get_input: x}", b"{get_property: [SELF, a]}",
    b"{concat: [a, {get_input: b}]}", b"{token: [a, b, 0]}", b"\xff", b"\0", b"\xe2\x80\xa8", b"\t", b"\r", b"../../x",
)  # fmt: skip


def main():
    """Fuzz until the time is up (exit code 0) or a reader breaks (another)."""
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    FOUND.mkdir(parents=True, exist_ok=True)
    CORPUS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        if find_spec("atheris") is None:
            _at_random(seconds, directory)
        else:
            _guided(seconds, directory)


def seeds():
    """Return inputs to begin with: what was found before, the examples, and some real packages when they are here."""
    inputs = import_module("inputs")
    order = {kind: bytes([index]) for index, kind in enumerate(inputs.KINDS)}
    yield from (path.read_bytes() for path in sorted(FOUND.iterdir()) if path.is_file())
    documents = [path for path in ROOT.glob("examples/**/*.yaml") if b"tosca_def" in path.read_bytes()]
    documents += (
        sorted(SHARED.glob("templates/tacker/**/*.yaml"))[::12] + sorted(SHARED.glob("templates/oasis/**/*.yaml"))[::40]
    )
    for path in documents:
        text = path.read_bytes()[:LONGEST]
        kind = "nsd" if b"NsVirtualLink" in text or b"nodes.nfv.NS" in text else "vnfd"
        yield order[kind] + text
        yield order["yaml"] + text
    for path in sorted(SHARED.glob("packages/**/*.csar"))[::25]:
        if path.stat().st_size < LONGEST:
            yield order["archive"] + path.read_bytes()
            yield (order["members"] + inputs.listed(path))[:LONGEST]
    for path in sorted(SHARED.glob("templates/**/*.mf")):
        yield order["manifest"] + path.read_bytes()


def damaged(data, chance):
    """Return ``data`` with one to four of its lines moved, repeated, dropped, indented or given another value."""
    lines = data[1:].split(b"\n")
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        line = lines[at]
        way = chance.randrange(7)
        if way == 0 and len(lines) > 1:
            del lines[at]
        elif way == 1:
            lines.insert(other, line)
        elif way == 2:
            lines[at] = b" " * chance.choice((1, 2, 4)) + line
        elif way == 3:
            lines[at] = line[2:] if line.startswith(b"  ") else line
        elif way == 4:
            lines[at] = line.partition(b":")[0] + b": " + chance.choice(_JUNK)
        elif way == 5:
            lines[at] = line.partition(b":")[0] + b":" + lines[other].partition(b":")[2]
        else:
            cut = chance.randint(0, len(line))
            lines[at] = line[:cut] + chance.choice(_JUNK) + line[cut:]
    return (data[:1] + b"\n".join(lines))[:LONGEST]


def _guided(seconds, directory):
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["descriptors"]):
        one_input = import_module("inputs").one_input
    for number, seed in enumerate(seeds()):
        (CORPUS / f"seed-{number}").write_bytes(seed)
    words = Path(directory, "words")
    words.write_text("\n".join(f'"{word}"' for word in sorted(_words())))

    def mutate(data, max_size, seed):
        chance = random.Random(seed)
        if chance.random() < 0.4 or len(data) < 2:
            return atheris.Mutate(data, max_size)
        return damaged(bytes(data), chance)[:max_size]

    arguments = [
        f"-max_total_time={seconds}", f"-timeout={SLOWEST}", f"-max_len={LONGEST}", "-rss_limit_mb=3000",
        f"-artifact_prefix={FOUND}/", f"-dict={words}", "-print_final_stats=1", "-verbosity=1",
    ]  # fmt: skip
    atheris.Setup(
        [sys.argv[0], *arguments, str(CORPUS)], lambda data: one_input(data, directory), custom_mutator=mutate
    )
    atheris.Fuzz()


def _words():
    builtin = import_module("descriptors.tosca.builtin")
    for section in builtin.SECTIONS:
        yield section
        for name in builtin.names(builtin.RELEASES[-1], section):
            yield name
            yield from (builtin.definition(builtin.RELEASES[-1], section, name) or {}).get("properties", {})


def _at_random(seconds, directory):
    one_input = import_module("inputs").one_input
    known = list(seeds())
    chance = random.Random()
    signal.signal(signal.SIGALRM, _too_slow)
    end, tried = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = damaged(chance.choice(known), chance)
        signal.alarm(SLOWEST)
        try:
            one_input(data, directory)
        except BaseException:
            kept = FOUND / f"found-{tried}"
            kept.write_bytes(data)
            sys.stderr.write(f"{kept} breaks a reader:\n")
            raise
        finally:
            signal.alarm(0)
        tried += 1
    sys.stdout.write(f"{tried} inputs in {seconds} s, none of which broke a reader; atheris would guide the search\n")


def _too_slow(*_):
    raise TimeoutError(f"one input took more than {SLOWEST} s")


if __name__ == "__main__":
    main()
