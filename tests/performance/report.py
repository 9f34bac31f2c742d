"""The report of a run, as Markdown."""

import statistics

_INTRODUCTION = """\
# Performance

Written by `make bench`; the figures below are of one run, on {date}, with Python {python} on {machine}.

The *SOL001 onboarding set* is every distinct package and template of the corpus of real descriptors ({count} files).
Each is read from disk to verdict and typed model, digests and signatures included. All figures are CPU time. *New* is
a reading where every document's text is new to the process; *again* is one that finds them in the cache of parsed
documents; both with built-in types loaded. The other tools read the same files in processes of their own; their
figures are of warm repeats, and *cached* stands for tosca-parser with its loading of YAML replaced by a cache. Of what
is no SOL001 descriptor they read one file in {every}.
"""
TARGETS = (("tosca-parser", "fresh", 15), ("tosca-parser-cached", "again", 5), ("unfurl", "again", 8))
_WAYS = {"fresh": "new", "again": "again"}


def is_sol001(answer):
    """Whether our reader's answer is a typed VNFD, NSD or PNFD."""
    return answer["accepted"] and answer["why"] in ("vnfd", "nsd", "pnfd")


def written(measured):
    """Return the whole report."""
    files = measured["files"]
    parts = [_INTRODUCTION.format(count=len(files), **measured), _ours(files), _peers(files), _slowest(files)]
    parts.append(_cold(measured["cold_check_ms"]))
    parts.append(_diamonds(measured["import_diamonds"]))
    return "\n".join(parts)


def _ours(files):
    lines = ["## All files", "", "| kind | files | accepted | new, median ms | 95 % | again, median ms | 95 % |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for kind, prefix in (("packages", "packages/"), ("templates", "templates/")):
        answers = [readers["ours"] for file, readers in files.items() if file.startswith(prefix)]
        answered = [answer["ms"] for answer in answers if "fresh" in answer["ms"]]
        cells = [kind, len(answers), sum(answer["accepted"] for answer in answers)]
        for way in _WAYS:
            spent = sorted(ms[way] for ms in answered)
            cells += [f"{statistics.median(spent):.2f}", f"{spent[int(0.95 * (len(spent) - 1))]:.1f}"] if spent else []
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def _peers(files):
    lines = ["## Beside other tools", ""]
    lines.append(
        "Where both accept: the median over files of their time divided by ours. A file is a SOL001 descriptor"
    )
    lines.append(
        "when it has a typed VNFD, NSD or PNFD here; the rest are plain service templates, most of a few lines."
    )
    lines += [
        "",
        "| tool | of | files | accepts | no answer in time | both accept | median ms | ours, new | ours, again |",
    ]
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, _, _ in TARGETS:
        for what, sol001 in (("SOL001 descriptors", True), ("everything else", False)):
            answers = {
                file: readers[name]
                for file, readers in files.items()
                if name in readers and is_sol001(readers["ours"]) is sol001
            }
            if answers:
                lines.append(f"| {' | '.join(map(str, _compared(files, name, what, answers)))} |")
    lines += [
        "",
        "Targets, for SOL001 descriptors: "
        + "; ".join(f"{name} {times} times ({_WAYS[way]})" for name, way, times in TARGETS)
        + ".",
    ]
    return "\n".join([*lines, ""])


def _compared(files, name, what, answers):
    both = [file for file, answer in answers.items() if answer["accepted"] and files[file]["ours"]["accepted"]]
    late = sum(answer["why"] == "no answer in time" for answer in answers.values())
    cells = [name, what, len(answers), sum(answer["accepted"] for answer in answers.values()), late, len(both)]
    if both:
        cells.append(f"{statistics.median(answers[file]['ms']['again'] for file in both):.1f}")
        cells += [f"{_ratio(files, both, name, way):.1f} times" for way in _WAYS]
    return cells


def _ratio(files, both, name, way):
    return statistics.median(files[file][name]["ms"]["again"] / files[file]["ours"]["ms"][way] for file in both)


def _slowest(files):
    lines = ["## The slowest files", "", "| file | new, ms | again, ms |", "| --- | --- | --- |"]
    timed = {file: readers["ours"]["ms"] for file, readers in files.items() if "fresh" in readers["ours"]["ms"]}
    for prefix, count in (("packages/", 4), ("templates/", 4)):
        chosen = [file for file in timed if file.startswith(prefix)]
        chosen.sort(key=lambda file: -timed[file]["fresh"])
        lines += [f"| {file} | {timed[file]['fresh']:.0f} | {timed[file]['again']:.0f} |" for file in chosen[:count]]
    return "\n".join([*lines, ""])


def _cold(spent):
    return (
        "## One check from the command line\n\n`mano descriptor check` of one VNFD package, a process each time, all "
        f"in: median {statistics.median(spent):.0f} ms of CPU (from {min(spent):.0f} to {max(spent):.0f}); the target "
        "is 250 ms.\n"
    )


def _diamonds(by_files):
    lines = ["## Imports of imports", "", "Each file of a layer imports both of the next; every text new.", ""]
    lines += ["| files | ms | ms per file |", "| --- | --- | --- |"]
    lines += [f"| {files} | {spent:.1f} | {spent / int(files):.2f} |" for files, spent in by_files.items()]
    return "\n".join([*lines, ""])
