"""What another reader of TOSCA, tosca-parser, makes of a descriptor, and where the two disagree."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from descriptors.csar import open_archive
from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.onboarding import Onboarded
from descriptors.tosca.documents import mapping
from descriptors.tosca.template import ServiceTemplate, read_template
from descriptors.tosca.topology import Topology

_WITNESS = Path(__file__).with_name("witness.py")
_LONGEST = 60.0  # seconds for one descriptor

Named = tuple[str, str, tuple[str, ...]]
"""Name, type and members of a group or policy."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader found in a service template: names, and what they refer to."""

    nodes: dict[str, str] = {}
    """Types by name."""
    requirements: tuple[tuple[str, str, str], ...] = ()
    """Node, requirement, and the node that it names."""
    policies: tuple[Named, ...] = ()
    groups: tuple[Named, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Our reading beside the other one."""

    accepted: bool
    """Whether tosca-parser accepts the descriptor."""
    why: str = ""
    """Its own words, when it refuses."""
    differences: tuple[str, ...] = ()
    """What one has found and the other has not, when both accept."""


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """The other reader's verdict."""

    accepted: bool
    why: str = ""
    """Its own words, when it refuses."""
    topology: Found = Found()


class NoOpinionError(Exception):
    """The other reader cannot be asked, or gave no answer."""


def available() -> bool:
    """Whether tosca-parser is installed."""
    return importlib.util.find_spec("toscaparser") is not None


class SecondReader:
    """tosca-parser in a process of its own, for any number of questions. Not thread-safe."""

    def __enter__(self) -> Self:
        if not available():
            raise NoOpinionError("tosca-parser is not installed")
        self._process = subprocess.Popen(  # noqa: S603 # our own program
            [sys.executable, str(_WITNESS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def opinion(self, path: Path) -> Opinion:
        """Return what it says of a YAML file or an archive; NoOpinionError when it ends, or takes too long."""
        if self._process.stdin is None or self._process.stdout is None:
            raise NoOpinionError("its process has no pipes")
        try:
            self._process.stdin.write(json.dumps(str(path.absolute())) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise NoOpinionError(f"its process ended: {error}") from None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout=_LONGEST):
                raise NoOpinionError(f"no answer within {_LONGEST:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise NoOpinionError("its process ended without an answer")
        return msgspec.json.decode(line, type=Opinion)


def second_opinion(path: Path, onboarded: Onboarded) -> Comparison:
    """Ask tosca-parser about a package that `read_package` has read; NoOpinionError when it cannot be asked.

    It reads the entry document and what that imports. It knows nothing of NFV: no levels, no flavours, no manifest.
    """
    asked = path / onboarded.entry_definitions if path.is_dir() else path
    with SecondReader() as reader:
        opinion = reader.opinion(asked)
    differing = differences(found_by_us(path, onboarded), opinion.topology) if opinion.accepted else ()
    return Comparison(
        accepted=opinion.accepted,
        why=opinion.why,
        differences=() if onboarded.failed else tuple(differing),
    )


def found_by_us(path: Path, onboarded: Onboarded) -> Found:
    """Return what we found in the entry document of a package that `read_package` has read."""
    archive = open_archive(path, Limits(), Diagnostics(), siblings=True)
    if archive is None or not onboarded.entry_definitions:
        return Found()
    with contextlib.closing(archive):
        template = read_template(archive, onboarded.entry_definitions, Limits(), Diagnostics())
    return _found(template, onboarded.entry_definitions) if template else Found()


def _found(template: ServiceTemplate, entry: str) -> Found:
    service = template.service
    if service is not None:

        def full(name: str) -> str:
            return service.types.get(name, (name,))[0]

        return Found(
            nodes={node.name: full(node.type) for node in service.nodes.values()},
            requirements=tuple((n.name, r.name, r.node) for n in service.nodes.values() for r in n.requirements),
            policies=tuple((p.name, full(p.type), tuple(sorted(p.targets))) for p in service.policies),
            groups=tuple((g.name, full(g.type), tuple(sorted(g.members))) for g in service.groups.values()),
            inputs=tuple(sorted(service.inputs)),
            outputs=tuple(sorted(service.outputs)),
        )
    topology = next((each for each in template.topologies if each.reporter.document.file == entry), None)
    if topology is None:
        return Found()
    return Found(
        nodes={node.name: node.type.name for node in topology.nodes.values()},
        requirements=tuple((n.name, r.name, r.named) for n in topology.nodes.values() for r in n.requirements),
        policies=tuple((p.name, p.type.name, tuple(sorted(p.members))) for p in topology.policies),
        groups=tuple((g.name, g.type.name, tuple(sorted(g.members))) for g in topology.groups.values()),
        inputs=_declared(topology, "inputs"),
        outputs=_declared(topology, "outputs"),
    )


def _declared(topology: Topology, section: str) -> tuple[str, ...]:
    root = topology.reporter.document.root
    template = mapping(root.get("topology_template") or root.get("service_template"))
    return tuple(sorted(map(str, mapping(template.get(section)))))


def _between_templates(found: Found) -> list[tuple[str, str, str]]:
    """Return the requirements with what they name, if that is a node template; types of nodes are left open."""
    return [(node, name, target if target in found.nodes else "") for node, name, target in found.requirements]


def differences(ours: Found, theirs: Found) -> Iterator[str]:
    """Yield, in words, what one reader has and the other has not."""
    for name in sorted(ours.nodes.keys() ^ theirs.nodes.keys()):
        yield f"node {name}: only {'we have' if name in ours.nodes else 'tosca-parser has'} it"
    for name in sorted(ours.nodes.keys() & theirs.nodes.keys()):
        if ours.nodes[name] != theirs.nodes[name]:
            yield f"node {name}: {ours.nodes[name]} here, {theirs.nodes[name]} there"
    whats = {what: (getattr(ours, what), getattr(theirs, what)) for what in ("policies", "groups", "inputs", "outputs")}
    whats["requirements"] = (_between_templates(ours), _between_templates(theirs))
    for what, (here, there) in whats.items():
        mine, other = Counter(here), Counter(there)
        for each in (mine - other) | (other - mine):
            yield f"{what}: only {'we have' if mine[each] > other[each] else 'tosca-parser has'} {each}"
