"""Reads service templates with tosca-parser and tells what it found: a program, to be run in a process of its own.

tosca-parser prints, may end its process, and keeps the types of what it has read for whatever it reads next; so each
template is read in a child of its own. A path comes in as a line of JSON, an answer leaves as another:
``{"accepted": ..., "why": ..., "topology": ...}``. Nothing of this project is imported here.
"""

import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from toscaparser.tosca_template import ToscaTemplate  # type: ignore[import-untyped]  # it has no types


def target_of(assignment: Any) -> str:
    """Return the node that a requirement's assignment names."""
    return str(assignment.get("node") or "") if isinstance(assignment, dict) else str(assignment or "")


def topology_of(template: ToscaTemplate) -> dict[str, Any]:
    """Return what a service template holds, as plain data."""
    topology = template.topology_template
    nodes = list(topology.nodetemplates or ()) if topology.tpl else []
    return {
        "nodes": {node.name: node.type for node in nodes},
        "requirements": [
            [node.name, name, target_of(assignment)]
            for node in nodes
            for entry in node.requirements or ()
            for name, assignment in entry.items()
        ],
        "policies": [
            [policy.name, policy.type, sorted(policy.targets or ())]
            for policy in ((topology.policies or ()) if topology.tpl else ())
        ],
        "groups": [
            [group.name, group.type, sorted(group.members or ())]
            for group in ((topology.groups or ()) if topology.tpl else ())
        ],
        "inputs": sorted(each.name for each in topology.inputs or ()) if topology.tpl else [],
        "outputs": sorted(each.name for each in topology.outputs or ()) if topology.tpl else [],
    }


def reason(message: str) -> str:
    """Return a message in one line, without the stack that tosca-parser writes below each error."""
    lines = iter(message.splitlines())
    told = []
    for line in lines:
        if line.strip().startswith("File "):
            next(lines, "")  # the line of code
        else:
            told.append(line)
    return " ".join(" ".join(told).split())


def answer(path: Path) -> dict[str, Any]:
    """Return the verdict on one template or package."""
    os.chdir(path.parent)
    try:
        topology = topology_of(ToscaTemplate(str(path), a_file=True))
    except (Exception, SystemExit) as error:  # noqa: BLE001 # whatever it raises is its verdict
        return {"accepted": False, "why": f"{type(error).__name__}: {reason(str(error))}"[:500]}
    return {"accepted": True, "why": "", "topology": topology}


def main() -> None:
    """Answer each line of standard input."""
    warnings.simplefilter("ignore")
    logging.disable()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            answers.write(json.dumps(answer(Path(json.loads(line)))) + "\n")
            answers.flush()
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            answers.write(json.dumps({"accepted": False, "why": "it ended without an answer"}) + "\n")


if __name__ == "__main__":
    main()
