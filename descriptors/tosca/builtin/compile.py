"""Compile ``types.json`` from the facts of each SOL001 release, from ``simple.yaml`` and from ``drafts.yaml``.

Usage: ``python -m descriptors.tosca.builtin.compile FACTS``, a directory that holds a JSON file per release: sections
of types by name, with fields, types and constraints, and no prose.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import yaml

from descriptors.tosca.builtin import RELEASES, SECTIONS

_HERE = Path(__file__).parent
_SLIPS = {"a/MANO-API/n": "a/n", "heal _end": "heal_end", "scale _end": "scale_end", "terminate _end": "terminate_end"}
"""Misprints of the published definitions, and what they mean."""


def compiled(facts: Path) -> dict[str, dict[str, list[tuple[Any, list[int]]]]]:
    """Return each distinct definition with the releases that share it; an empty list stands for all."""
    simple = yaml.safe_load((_HERE / "simple.yaml").read_text())
    result: dict[str, dict[str, list[tuple[Any, list[int]]]]] = {
        section: {name: [(value, [])] for name, value in simple.get(section, {}).items()} for section in SECTIONS
    }
    for section, types in yaml.safe_load((_HERE / "drafts.yaml").read_text()).items():
        result[section] |= {name: [(value, [-1])] for name, value in types.items()}
    for index, release in enumerate(RELEASES):
        document = msgspec.json.decode((facts / f"{release}.json").read_bytes())
        for section in SECTIONS:
            for name, raw in document.get(section, {}).items():
                value = _mended({key: item for key, item in raw.items() if key != "_file"})
                variants = result[section].setdefault(name, [])
                for known, releases in variants:
                    if known == value:
                        releases.append(index)
                        break
                else:
                    variants.append((value, [index]))
    return result


def _mended(value: Any) -> Any:
    if isinstance(value, dict):
        return {_SLIPS.get(key, key): _mended(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return _SLIPS.get(value, value) if isinstance(value, str) else value


if __name__ == "__main__":
    _HERE.joinpath("types.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(compiled(Path(sys.argv[1]))), indent=0) + b"\n"
    )
