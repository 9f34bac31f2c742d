"""One reader in a process of its own: takes a path a line, answers with verdict and CPU seconds a line.

Usage: ``python reader.py ours|tosca-parser|tosca-parser-cached|unfurl REPEATS``. Only ``ours`` needs this project; the
others run wherever they are installed. What the readers print goes nowhere; a path that ends or hangs the process is
the parent's to deal with.
"""

import hashlib
import json
import logging
import os
import pickle
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path

ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)


def ours():
    """Time reading with every document's text new to the process, and again with what it remembers."""
    read_package = import_module("descriptors.onboarding").read_package
    forget = import_module("descriptors.tosca.documents").forget

    def fresh(path):
        forget()
        return timed(path)

    def timed(path):
        begun = time.process_time()
        found = read_package(path, siblings=True)
        spent = time.process_time() - begun
        errors = [str(finding) for finding in found.diagnostics if finding.severity == "error"]
        return not found.failed, spent, errors[0] if errors else found.kind

    return {"fresh": fresh, "again": timed}


def parser(*, cached):
    """Time tosca-parser or unfurl's fork of it; ``cached`` keeps what each YAML text holds."""
    if cached:
        keep_yaml()
    template = import_module("toscaparser.tosca_template").ToscaTemplate

    def timed(path):
        os.chdir(path.parent)
        begun = time.process_time()
        why = ""
        try:
            template(str(path), a_file=True)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it raises is its verdict
            why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return not why, time.process_time() - begun, why

    return {"again": timed}


def keep_yaml():
    """Replace tosca-parser's loading of YAML by one that unpickles what the same text held before."""
    yamlparser = import_module("toscaparser.utils.yamlparser")
    load, kept = yamlparser.load_yaml, {}

    def load_kept(path, a_file=True):  # noqa: FBT002  # as tosca-parser has it
        if not a_file:
            return load(path, a_file)
        key = hashlib.sha256(Path(path).read_bytes()).digest()
        if key not in kept:
            kept[key] = pickle.dumps(load(path))
        return pickle.loads(kept[key])

    yamlparser.load_yaml = load_kept


def readings(name):
    """Return the ways to read by name."""
    if name == "ours":
        return ours()
    if name == "unfurl":
        import_module("unfurl")  # puts its fork of tosca-parser on the path
    return parser(cached=name == "tosca-parser-cached")


def main(name, repeats):
    """Answer each line of standard input."""
    warnings.simplefilter("ignore")
    logging.disable()
    ways = readings(name)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    ANSWERS.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        accepted, spent, why = next(reversed(ways.values()))(path)  # the first reading warms up
        seconds = {"first": [spent]}
        for way, read in ways.items():
            seconds[way] = [read(path)[1] for _ in range(repeats if accepted or name == "ours" else 0)]
        ANSWERS.write(json.dumps({"accepted": accepted, "why": why, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
