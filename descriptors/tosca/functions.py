"""TOSCA's functions: calls are replaced by their values where these are known before anything runs.

Inputs without a default, attributes and outputs of operations are known at run time only: calls that need them stay as
data, with everything inside them that is known already put in. References may lead from property to property, over
capabilities and requirements; a circle, and a chain or a value that grows without measure, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from descriptors.tosca.documents import Path, Reporter, mapping, sequence
from descriptors.tosca.inputs import Inputs
from descriptors.tosca.types import Type, Types
from descriptors.tosca.values import FUNCTIONS

_DEEPEST = 200  # levels of values, references followed; beyond it is no longer a descriptor that a person wrote
_MOST = 400_000  # values that references may bring in altogether; made-up text counts by its length
_CHARACTERS = 32  # of made-up text, that count as one value
_LONGEST = 32  # names in a reference
_HOSTS = 16  # nodes that HOST is followed over
_SELF_DEPTH = 3  # topology, section and name come before what belongs to a template
_RUN_TIME = frozenset({"get_attribute", "get_operation_output"})
_RELATION = frozenset({"SOURCE", "TARGET"})
_MISSING = object()

_Reference = tuple[str, tuple[str | int, ...]]


class Functions:
    """The function calls of one topology. Not thread-safe: one per run."""

    def __init__(self, nodes: dict[str, Any], inputs: Inputs, types: Types, reporter: Reporter, path: Path) -> None:
        """Evaluate calls among these node templates, as the document has them at ``path``."""
        self._nodes = nodes
        self._path = path
        self._inputs = inputs
        self._types = types
        self._report = reporter
        self._known: dict[_Reference, tuple[Any, int]] = {}
        self._open: list[_Reference] = []
        self._depth = 0
        self._brought = 0
        self._calls: dict[str, Callable[[Any, Any, Path], Any]] = {
            "get_input": self._input,
            "get_property": self._property,
            "get_artifact": self._artifact,
            "get_attribute": self._run_time,
            "get_operation_output": self._run_time,
            "concat": self._concat,
            "join": self._join,
            "token": self._token,
        }

    def applied(self, value: Any, path: Path) -> Any:
        """Return a copy of ``value``, which stands at ``path``, with known calls replaced by what they give.

        ``SELF`` is the node template that the path leads into.
        """
        self._depth += 1
        try:
            if isinstance(value, dict):
                name = next(iter(value), None)
                if len(value) == 1 and name in FUNCTIONS:
                    call = self._calls.get(name)
                    return call(value, value[name], path) if call else value
                return {key: self.applied(item, (*path, key)) for key, item in value.items()}
            if isinstance(value, list):
                return [self.applied(item, (*path, index)) for index, item in enumerate(value)]
            return value
        finally:
            self._depth -= 1

    def _input(self, call: Any, _argument: Any, path: Path) -> Any:
        value = self._inputs.given(call, path)
        return value if value is call or self._affords(_weight(value), path) else call

    def _property(self, call: Any, argument: Any, path: Path) -> Any:
        names = self._arguments(argument, path, "get_property", least=2)
        if not names or names[0] in _RELATION:
            return call
        node = self._entity(names[0], path, holding=names[1])
        if node is None:
            return call
        reference: _Reference = (node, tuple(names[1:]))
        if reference in self._known:
            value, weight = self._known[reference]
            return value if value is not _MISSING and self._affords(weight, path) else call
        if reference in self._open or self._depth > _DEEPEST:
            shown = " -> ".join(f"{name}.{'.'.join(map(str, inside))}" for name, inside in self._open[-5:])
            self._report.error("tosca-function-cycle", f"the value of {shown or node} leads back to itself", path)
            return call
        self._open.append(reference)
        before = self._brought
        value = self._looked_up(node, list(names[1:]), path)
        self._open.pop()
        weight = self._brought - before + (_weight(value) if value is not _MISSING else 0)
        known = value is not _MISSING and not _unknown(value)
        self._known[reference] = (value if known else _MISSING, weight)
        return value if known and self._affords(weight, path) else call

    def _looked_up(self, node: str, names: list[str | int], path: Path) -> Any:
        """Return the value of a property, or of one of a capability or of a requirement's target."""
        raw = mapping(self._nodes[node])
        declared = self._types.get("node_types", str(raw.get("type")))
        if declared is None:
            return _MISSING  # reported where the node is
        name, *inside = names
        base: Path = (*self._path, node)
        if name in mapping(raw.get("properties")) or name in declared.properties:
            found = _given_or_default(mapping(raw.get("properties")), declared, name)
            return self._inner(found, inside, (*base, "properties", name), path)
        if inside and name in declared.capabilities:
            return self._of_capability(node, declared, names, path)
        if inside and name in declared.requirements:
            target = next((t for key, t in _requirements(raw) if key == name and t in self._nodes), None)
            return self._looked_up(target, inside, path) if target else _MISSING
        found = next((value for value in self._in_capabilities(raw, declared, str(name))), None)
        if found is not None:
            return self._inner(found, inside, (*base, "capabilities"), path)
        self._report.error("tosca-function-target", f"{node} has no property {name}", path,
                           hint=self._report.guess(str(name), declared.properties))  # fmt: skip
        return _MISSING

    def _of_capability(self, node: str, declared: Type, names: list[str | int], path: Path) -> Any:
        capability, name, *inside = map(str, names)
        base: Path = (*self._path, node, "capabilities", capability)
        kind = self._types.get("capability_types", str(mapping(declared.capabilities[capability]).get("type")))
        assigned = mapping(mapping(self._nodes[node]).get("capabilities"))
        given = mapping(mapping(assigned.get(capability)).get("properties"))
        if kind is not None and name not in kind.properties and name not in given:
            message = f"the capability {capability} has no property {name}"
            self._report.error("tosca-function-target", message, path)
            return _MISSING
        found = given.get(name) if kind is None else _given_or_default(given, kind, name)
        return self._inner(found, inside, (*base, "properties", name), path)

    def _in_capabilities(self, raw: Any, declared: Type, name: str) -> Iterator[Any]:
        """Yield a property from whichever capability has it: what a requirement leads to is a capability, too."""
        for capability, definition in declared.capabilities.items():
            kind = self._types.get("capability_types", str(mapping(definition).get("type")))
            given = mapping(mapping(mapping(raw.get("capabilities")).get(capability)).get("properties"))
            if kind is not None and name in kind.properties:
                value = _given_or_default(given, kind, name)
                if value is not None:
                    yield value

    def _inner(self, found: Any, names: Iterable[str | int], base: Path, path: Path) -> Any:
        """Go into a value by keys and indices; calls on the way are evaluated as if they stood where they stand."""
        value = self.applied(found, base)
        for name in names:
            if _is_call(value):
                return _MISSING
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and str(name).isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                self._report.error("tosca-function-target", f"there is no {name} in what is referred to", path)
                return _MISSING
        return _MISSING if value is None else value

    def _artifact(self, call: Any, argument: Any, path: Path) -> Any:
        """The artifact's file; where it shall be copied to, its place is known at run time only."""
        names = self._arguments(argument, path, "get_artifact", least=2)
        if not names or names[0] in _RELATION:
            return call
        node = self._entity(names[0], path)
        if node is None:
            return call
        raw = mapping(self._nodes[node])
        artifact = mapping(raw.get("artifacts")).get(names[1])
        if artifact is None:
            declared = self._types.get("node_types", str(raw.get("type")))
            if declared is None or not declared.own:  # a type of the package may bring the artifact along
                self._report.error("tosca-function-target", f"{node} has no artifact {names[1]}", path)
            return call
        file = artifact if isinstance(artifact, str) else mapping(artifact).get("file")
        return file if isinstance(file, str) and len(names) == 2 else call  # noqa: PLR2004 # entity and artifact

    def _run_time(self, call: Any, argument: Any, path: Path) -> Any:
        names = self._arguments(argument, path, next(iter(call)), least=2)
        if names and names[0] not in _RELATION and names[0] not in ("SELF", "HOST"):
            self._entity(names[0], path)
        return call

    def _concat(self, call: Any, argument: Any, path: Path) -> Any:
        parts = self._parts(argument, path, "concat")
        if parts is None:
            return call
        if any(map(_unknown, parts)):
            return {"concat": parts}
        if parts and all(isinstance(part, list) for part in parts):
            return [item for part in parts for item in part]
        return self._text("".join, parts, call, path)

    def _join(self, call: Any, argument: Any, path: Path) -> Any:
        parts = self._parts(argument, path, "join")
        if parts is None:
            return call
        if _unknown(parts):
            return {"join": parts}
        delimiter = parts[1] if len(parts) > 1 else ""
        if not parts or not isinstance(parts[0], list) or not isinstance(delimiter, str) or len(parts) > 2:  # noqa: PLR2004 # a list and a delimiter
            return self._refused(call, path, "join takes a list of texts and a delimiter")
        return self._text(delimiter.join, parts[0], call, path)

    def _token(self, call: Any, argument: Any, path: Path) -> Any:
        if not isinstance(argument, list):
            return call  # a map with a key of that name
        parts = self._parts(argument, path, "token")
        if parts is None or len(parts) != 3:  # noqa: PLR2004 # text, separators, index
            return self._refused(call, path, "token takes a text, the characters that separate, and an index")
        if _unknown(parts):
            return {"token": parts}
        text, separators, index = parts
        if not (isinstance(text, str) and isinstance(separators, str) and separators and type(index) is int):
            return self._refused(call, path, "token takes a text, the characters that separate, and an index")
        pieces = re.split(f"[{re.escape(separators)}]", text)
        if not 0 <= index < len(pieces):
            return self._refused(call, path, f"token asks for piece {index} of {len(pieces)}")
        return pieces[index]

    def _text(self, joined: Callable[[list[str]], str], parts: list[Any], call: Any, path: Path) -> Any:
        if any(isinstance(part, (dict, list)) or part is None for part in parts):
            return self._refused(call, path, f"{next(iter(call))} takes texts and numbers")
        if not self._affords(sum(len(str(part)) for part in parts) // _CHARACTERS, path):
            return call
        return joined([str(part).lower() if isinstance(part, bool) else str(part) for part in parts])

    def _parts(self, argument: Any, path: Path, function: str) -> list[Any] | None:
        if not isinstance(argument, list):
            self._refused(argument, path, f"{function} takes a list")
            return None
        return [self.applied(item, (*path, function, index)) for index, item in enumerate(argument)]

    def _arguments(self, argument: Any, path: Path, function: str, *, least: int) -> list[Any]:
        names = sequence(argument)
        named = all(isinstance(name, (str, int)) for name in names)
        if not least <= len(names) <= _LONGEST or not named or not isinstance(names[0], str):
            self._refused(argument, path, f"{function} takes a list of a node template and at least one name in it")
            return []
        return list(names)

    def _refused(self, call: Any, path: Path, message: str) -> Any:
        self._report.error("tosca-function-arguments", message, path)
        return call

    def _entity(self, name: str, path: Path, holding: Any = None) -> str | None:
        """Return the node template that the first argument stands for; None when there is none to be known now."""
        if name in ("SELF", "HOST"):
            own = str(path[2]) if len(path) >= _SELF_DEPTH and path[:2] == self._path else ""
            if own in self._nodes:
                return own if name == "SELF" else self._host(own, holding)
            if len(path) > 1 and path[1] in ("groups", "policies"):
                self._report.error("tosca-function-target", f"there is no {name} in {path[1]}", path)
            return None
        if name not in self._nodes:
            hint = self._report.guess(name, self._nodes)
            self._report.error("tosca-function-target", f"there is no node template {name}", path, hint=hint)
            return None
        return name

    def _host(self, name: str, holding: Any) -> str | None:
        """Return the nearest node below that has the property."""
        for _ in range(_HOSTS):
            raw = mapping(self._nodes.get(name))
            name = next((t for key, t in _requirements(raw) if key == "host" and t in self._nodes), "")
            if not name:
                return None
            declared = self._types.get("node_types", str(mapping(self._nodes[name]).get("type")))
            if declared and (holding in declared.properties or holding in declared.capabilities):
                return name
        return None

    def _affords(self, weight: int, path: Path) -> bool:
        """Whether that much more may be brought in; report once that it may not."""
        before, self._brought = self._brought, self._brought + weight
        if self._brought > _MOST >= before:
            message = f"functions bring in more than {_MOST} values and characters"
            self._report.error("tosca-function-too-large", message, path)
        return self._brought <= _MOST


def _is_call(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in FUNCTIONS


def _unknown(value: Any) -> bool:
    """Whether a call that could not be evaluated is left anywhere in a value."""
    if isinstance(value, dict):
        return _is_call(value) or any(map(_unknown, value.values()))
    return isinstance(value, list) and any(map(_unknown, value))


def _weight(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_weight, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_weight, value))
    return 1


def _given_or_default(given: dict[str, Any], declared: Type, name: Any) -> Any:
    value = given.get(name)
    return value if value is not None else mapping(declared.properties.get(name)).get("default")


def _requirements(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and target of each requirement as a template has it."""
    value = raw.get("requirements")
    for entry in [value] if isinstance(value, dict) else sequence(value):
        for name, assignment in mapping(entry).items():
            target = assignment if isinstance(assignment, str) else mapping(assignment).get("node")
            if isinstance(target, str):
                yield str(name), target
