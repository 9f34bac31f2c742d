"""Boot data of a VDU with its variable parts put in: what a guest is told when it starts (SOL001 BootData).

Variable parts are the names of the boot data's own ``data``, as ``{{ name }}`` or ``${name}``, and what is known of the
VNFC, as ``{{ vnf.id }}``, ``{{ vnfc.index }}``, ``{{ cp.mgmt.address }}``, ``{{ inputs.password }}``. Everything else
that looks like a variable is the guest's own and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from descriptors.model.vnfd import Vdu
from mano_runtime.workflow.graph import Resource, parse_reference, text, text_parts
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.script_inputs import Scope, evaluated

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}|\$\{([\w.-]+)\}")
_OURS = frozenset({"vnf", "vnfc", "cp", "inputs"})
_OF_POINTS = ("address", "addresses", "public_address", "mac_address")


def with_boot_data(server: Resource, vdu: Vdu, content: str, scope: Scope) -> Resource:
    """Return a server that starts with its VDU's boot data; ``content`` is that of the file where there is one.

    ``scope`` knows one component: the server's own. What the VIM is to tell is put in when the server is made. Keys and
    values without a text become metadata of the server. Data with a destination becomes a file there.

    Raises:
        PlanningRefusedError: a variable part speaks of an input that nobody gave, or of what there is not.
    """
    place = f"boot data of {vdu.id}"
    values = {name: evaluated(value, scope, f"{place}: {name}") for name, value in vdu.boot_data_values.items()}
    template = vdu.boot_data or content
    if not template:
        return _changed(server, metadata={**server.spec.get("metadata", {}), **values}) if values else server
    calls = isinstance(template, dict)
    data = evaluated(template, scope, place) if calls else _filled(str(template), values, scope, place)
    return _changed(server, user_data=_put(data, vdu) if vdu.boot_data_destination else data)


def _put(data: Any, vdu: Vdu) -> Any:
    """Return what has cloud-init put the data at its destination; below a directory, under the name of its file."""
    destination = vdu.boot_data_destination
    if destination.endswith("/"):
        destination += PurePosixPath(vdu.boot_data_artifact.file).name if vdu.boot_data_artifact else "boot_data"
    content = (
        _quoted(part) if isinstance(part, str) and not parse_reference(part) else part for part in text_parts(data)
    )
    return text(
        [f'#cloud-config\n{{"write_files": [{{"path": "{_quoted(destination)}", "content": "', *content, '"}]}\n']
    )


def _quoted(part: str) -> str:
    """Return a text as it stands in JSON between quotation marks, and so in YAML."""
    return msgspec.json.encode(part).decode()[1:-1]


def _changed(server: Resource, **attributes: Any) -> Resource:
    return msgspec.structs.replace(server, spec={**server.spec, **attributes})


def _filled(template: str, values: Mapping[str, Any], scope: Scope, place: str) -> Any:
    parts: list[Any] = []
    end = 0
    for found in _VARIABLE.finditer(template):
        braced, dollared = found.groups()
        root, _, name = (braced or "").partition(".")
        if (braced or dollared) in values:
            value = values[braced or dollared]
        elif name and root in _OURS:
            value = _known(root, name, scope, f"{place}: {found[0]}")
        else:
            continue
        parts += [template[end : found.start()], value]
        end = found.end()
    return text([*parts, template[end:]])


def _known(root: str, name: str, scope: Scope, place: str) -> Any:
    """Return what is known under a name; the functions of TOSCA know the rest."""
    if root == "inputs":
        return evaluated({"get_input": name}, scope, place)
    if root == "vnf":
        return evaluated({"get_property": ["SELF", name]}, scope, place)
    vnfc = scope.vnfcs[0]
    if root == "vnfc":
        if name not in {"id", "vdu", "index"}:
            raise PlanningRefusedError(place, "of a VNFC there are id, vdu and index")
        return vnfc[name]
    point, _, attribute = name.rpartition(".")
    if attribute not in _OF_POINTS:
        raise PlanningRefusedError(place, f"of a connection point there are {', '.join(_OF_POINTS)}")
    return evaluated({"get_attribute": [point, attribute]}, scope, place)
