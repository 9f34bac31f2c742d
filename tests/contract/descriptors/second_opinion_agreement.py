"""Where our reading and tosca-parser's disagree on what it accepts, as a page of the reference.

Run this file to ask it about the whole corpus and write the page, and the list of what it accepts beside it:
``python tests/contract/descriptors/second_opinion_agreement.py`` (some minutes). The tests ask it about a sample.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from descriptors.onboarding import read_package
from descriptors.second_opinion.opinion import NoOpinionError, SecondReader, differences, found_by_us

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "conformance" / "tosca-parser.md"
ACCEPTED_THERE = ROOT / "tests" / "data" / "descriptors" / "accepted_by_tosca_parser.txt"
CORPUS = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open"
_INTRODUCTION = """\
# Agreement with tosca-parser

tosca-parser 2.15.0 was asked about every package and template of the corpus, each in a process of its own. It accepts
{there} of them. Of these {same} are accepted here too, and the same was found in them: node templates with their types,
requirements with the node templates that they name, policies with their targets, groups with their members, inputs and
outputs. The others are below. Written by `tests/contract/descriptors/second_opinion_agreement.py`;
`mano descriptor check --second-opinion` does the same for one package.

## Accepted by tosca-parser and refused here

It does not look at types that nothing uses, at what NFV asks of a descriptor, nor at imports that lead nowhere. Each
is refused for a reason that holds:

"""


def refusal(path: Path) -> str:
    """Return why we refuse a package: code and message of the first error; nothing when we accept it."""
    errors = [f for f in read_package(path, siblings=True).diagnostics if f.severity == "error"]
    return f"`{errors[0].code}` {errors[0].message}" if errors else ""


def refused_here(paths: Iterable[str]) -> dict[str, str]:
    """Return those of the paths in the corpus that we refuse, with the reason."""
    return {path: why for path in paths if (why := refusal(CORPUS / path))}


def page(accepted: list[str], refused: dict[str, str]) -> str:
    """Return the page, for what is found alike in all that both accept."""
    lines = "".join(f"* `{path}`: {why}\n" for path, why in refused.items())
    return _INTRODUCTION.format(there=len(accepted), same=len(accepted) - len(refused)) + (lines or "None.\n")


def disagreement(reader: SecondReader, path: Path) -> list[str]:
    """Return what the two found differently in a package that both accept."""
    return list(differences(found_by_us(path, read_package(path, siblings=True)), reader.opinion(path).topology))


def main() -> int:
    """Ask about everything; fail when something is found differently."""
    accepted, differing = [], {}
    files = sorted(p for p in CORPUS.rglob("*") if p.suffix in (".csar", ".zip", ".yaml", ".yml"))
    with SecondReader() as reader:
        for path in files:
            name = path.relative_to(CORPUS).as_posix()
            try:
                if not reader.opinion(path).accepted:
                    continue
                accepted.append(name)
                if not refusal(path) and (found := disagreement(reader, path)):
                    differing[name] = found
            except NoOpinionError as error:
                sys.stderr.write(f"{name}: {error}\n")
                return 1
    for name, found in differing.items():
        sys.stderr.write(f"{name}: {found}\n")
    ACCEPTED_THERE.write_text("".join(f"{name}\n" for name in accepted))
    PAGE.write_text(page(accepted, refused_here(accepted)))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
