"""The SOL001 onboarding set: verdict and typed model of every package and template of the open corpus, and its cost.

Usage: ``python tests/performance/onboarding_set.py [--unfurl PYTHON] [--json FILE] [--document FILE] [--every N]``.
The corpus is found by MANO_SHARED. CPU time is that of the reading process; medians of warm repeats. Each reader runs
in a process of its own, where a file that takes too long ends the process, not the run.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import select
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import report
import synthetic
from sections import OPENSTACK, section

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open"
READER = Path(__file__).with_name("reader.py")
PATIENCE = 8.0  # seconds for one file, all repeats
REPEATS = {"ours": 5, "tosca-parser": 2, "tosca-parser-cached": 3, "unfurl": 3}
COLD = "packages/tacker/sol_v2_common-basic_lcms_max_individual_vnfc.csar"


def onboarding_set():
    """Return every distinct package, and every distinct template that is no mere type file."""
    roles = {}
    for line in (CORPUS / "INDEX.jsonl").read_text().splitlines():
        entry = json.loads(line)
        roles[entry["path"]] = entry.get("role")
    chosen = {}
    for path in sorted(CORPUS.rglob("*")):
        name = path.relative_to(CORPUS)
        if path.suffix in (".csar", ".zip") or (
            path.suffix in (".yaml", ".yml")
            and name.parts[0] == "templates"
            and roles.get("/".join(name.parts[1:]), "template") == "template"
            and b"tosca_definitions_version" in path.read_bytes()
        ):
            chosen.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), name.as_posix())
    return sorted(chosen.values())


class Reader:
    """A reading process, replaced when a file kills it or takes too long."""

    def __init__(self, name, python):
        self._command = [python, "-W", "ignore", str(READER), name, str(REPEATS[name])]
        self._process = None

    def read(self, path):
        """Return the answer for one file; ``why`` says when there was none."""
        if self._process is None:
            # unset: what a test run forbids would have every process compile the project anew
            environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
            environment["PYTHONPATH"] = str(ROOT)
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            self._answer(120)
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        return self._answer(PATIENCE) or {"accepted": False, "why": "no answer in time", "seconds": {}}

    def _answer(self, patience):
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.close()
            return None
        return json.loads(line)

    def close(self):
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None


def read_all(name, python, files):
    """Read all files with one reader; medians per way of reading, in milliseconds."""
    reader, answers = Reader(name, python), {}
    for file in files:
        answer = reader.read(CORPUS / file)
        answer["ms"] = {
            way: 1000 * statistics.median(seconds) for way, seconds in answer.pop("seconds").items() if seconds
        }
        answers[file] = answer
    reader.close()
    return answers


def cold_check():
    """Return the CPU milliseconds of whole processes of ``mano descriptor check``, their bytecode compiled before."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        spent = []
        for _ in range(8):
            command = [sys.executable, "-m", "nfvo.cli.main", "descriptor", "check", str(CORPUS / COLD)]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            spent.append(1000 * (usage.ru_utime + usage.ru_stime))
    return spent[1:]


def main():
    """Run everything and report it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--unfurl", default="", help="Python interpreter that has unfurl")
    options.add_argument("--json", type=Path, help="write all measurements here")
    options.add_argument("--document", type=Path, help="write the report here")
    options.add_argument(
        "--every",
        type=int,
        default=1,
        help="have the other tools read every Nth only of what is no NFV descriptor here",
    )
    asked = options.parse_args()
    if not CORPUS.is_dir():
        sys.exit("the corpus of real packages is not at MANO_SHARED")
    files = onboarding_set()
    readers = {"tosca-parser": sys.executable, "tosca-parser-cached": sys.executable}
    if asked.unfurl and Path(asked.unfurl).exists():
        readers["unfurl"] = str(Path(asked.unfurl).absolute())
    results = {"ours": read_all("ours", sys.executable, files)}
    cold, diamonds = cold_check(), synthetic.diamonds()

    ours = results["ours"]
    other = [file for file in files if not report.is_sol001(ours[file])]
    chosen = sorted({*other[:: asked.every], *(file for file in files if report.is_sol001(ours[file]))})

    def run(name):
        results[name] = read_all(name, readers[name], chosen)

    threads = [threading.Thread(target=run, args=(name,)) for name in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "every": asked.every,
        "cold_check_ms": cold,
        "import_diamonds": diamonds,
        "files": {
            file: {name: answers[file] for name, answers in results.items() if file in answers} for file in files
        },
    }
    if asked.json:
        asked.json.write_text(json.dumps(measured, indent=1) + "\n")
    text = report.written(measured)
    if asked.document:
        old = asked.document.read_text() if asked.document.exists() else ""
        asked.document.write_text("\n".join(filter(None, (text, section(old, OPENSTACK)))))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
