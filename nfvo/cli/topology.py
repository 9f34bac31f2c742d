"""A network service as a tree: VNFs, their components, connection points with addresses, links, VIM resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text
from rich.tree import Tree

from nfvo.cli.output import state

IDENTITY = "mano.identity"
"""Metadata of a VNF by which the NFVO knows which part of which network service it is: ``ns/ID/vnf/PROFILE/N``."""


def profile_of(vnf: Mapping[str, Any]) -> str:
    """Return the VNF profile of the NSD that the VNF was made for; empty when it does not tell."""
    _, _, path = str((vnf.get("metadata") or {}).get(IDENTITY, "")).partition("/vnf/")
    return path.split("/")[0]


def topology(service: Mapping[str, Any]) -> Tree:
    """Return the tree of a network service (SOL005 NsInstance with its VNF instances)."""
    tree = Tree(_titled(service["nsInstanceName"], state(service["nsState"]), _id(service["id"])))
    for aspect in service.get("nsScaleStatus", ()):
        tree.add(_titled("scaling", f"{aspect['nsScalingAspectId']} at {aspect['nsScaleLevelId']}"))
    links = service.get("virtualLinkInfo", ())
    names = {
        handle["resourceId"]: link["nsVirtualLinkDescId"] for link in links for handle in link.get("resourceHandle", ())
    }
    if links:
        branch = tree.add(Text("virtual links", style="bold"))
        for link in links:
            ports = len(link.get("linkPort", ()))
            branch.add(
                _titled(
                    link["nsVirtualLinkDescId"],
                    *_handles(link.get("resourceHandle", ())),
                    f"{ports} port{'s' if ports > 1 else ''}" if ports else "",
                )
            )
    if service.get("sapInfo"):
        branch = tree.add(Text("service access points", style="bold"))
        for sap in service["sapInfo"]:
            branch.add(_titled(sap["sapName"], *_addresses(sap.get("sapProtocolInfo", ()))))
    if service.get("vnfInstance"):
        branch = tree.add(Text("VNFs", style="bold"))
        for vnf in sorted(service["vnfInstance"], key=lambda vnf: (profile_of(vnf), vnf.get("vnfInstanceName") or "")):
            _add_vnf(branch, vnf, names)
    return tree


def _add_vnf(branch: Tree, vnf: Mapping[str, Any], names: Mapping[str, str]) -> None:
    made = vnf.get("instantiatedVnfInfo") or {}
    product = f"{vnf['vnfProductName']} {vnf['vnfSoftwareVersion']}"
    title = vnf.get("vnfInstanceName") or profile_of(vnf) or product
    node = branch.add(
        _titled(title, product, state(made.get("vnfState") or vnf["instantiationState"]), *_scale(made), _id(vnf["id"]))
    )
    ports = _ports(made, names)
    volumes = {item["id"]: item for item in made.get("virtualStorageResourceInfo", ())}
    external = {item["id"]: item for item in made.get("extCpInfo", ())}
    for vnfc in sorted(made.get("vnfcResourceInfo", ()), key=lambda vnfc: (vnfc["vduId"], _natural(vnfc["id"]))):
        component = node.add(
            _titled(
                _vnfc_name(vnfc),
                "server",
                _handle(vnfc["computeResource"]),
                f"zone {vnfc['zoneId']}" if vnfc.get("zoneId") else "",
            )
        )
        for point in vnfc.get("vnfcCpInfo", ()):
            outside = external.get(point.get("vnfExtCpId", ""), {})
            port = ports.get(outside.get("extLinkPortId") or point.get("vnfLinkPortId", ""))
            component.add(
                _titled(
                    point["cpdId"],
                    f"on {port[0]}" if port else "",
                    *_addresses(point.get("cpProtocolInfo") or outside.get("cpProtocolInfo", ())),
                    "port" if port else "",
                    port[1] if port else "",
                )
            )
        for storage in vnfc.get("storageResourceIds", ()):
            volume = volumes.get(storage)
            if volume:
                component.add(_titled(volume["virtualStorageDescId"], "volume", _handle(volume["storageResource"])))
    for link in made.get("vnfVirtualLinkResourceInfo", ()):
        node.add(_titled(link["vnfVirtualLinkDescId"], "internal network", _handle(link["networkResource"])))


def _vnfc_name(vnfc: Mapping[str, Any]) -> str:
    """Return VDU and number, which our identifiers tell; of another VNFM's component the VDU."""
    opening, _, name = vnfc["id"].partition("/")
    return name if opening == "vdu" else str(vnfc["vduId"])


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers by their value."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", text)]


def _ports(made: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, tuple[str, Text]]:
    """Return the name of the link and the port on the VIM by the identifier of the link port."""
    ports: dict[str, tuple[str, Text]] = {}
    for link in made.get("extVirtualLinkInfo", ()):
        name = names.get(link["resourceHandle"]["resourceId"], link["id"])
        ports |= {port["id"]: (name, _handle(port["resourceHandle"])) for port in link.get("extLinkPorts", ())}
    for link in made.get("vnfVirtualLinkResourceInfo", ()):
        name = link["vnfVirtualLinkDescId"]
        ports |= {port["id"]: (name, _handle(port["resourceHandle"])) for port in link.get("vnfLinkPorts", ())}
    return ports


def _scale(made: Mapping[str, Any]) -> Iterator[str]:
    most = {aspect["aspectId"]: aspect["scaleLevel"] for aspect in made.get("maxScaleLevels", ())}
    for aspect in made.get("scaleStatus", ()):
        limit = f" of {most[aspect['aspectId']]}" if aspect["aspectId"] in most else ""
        yield f"{aspect['aspectId']} at {aspect['scaleLevel']}{limit}"


def _addresses(protocols: Iterable[Mapping[str, Any]]) -> Iterator[Text]:
    for protocol in protocols:
        ethernet = protocol.get("ipOverEthernet") or {}
        given = ethernet.get("ipAddresses", ())
        for entry in [given] if isinstance(given, Mapping) else given:
            listed = entry.get("addresses", ())
            for address in [listed] if isinstance(listed, str) else listed:
                yield Text(address, style="green")
        if ethernet.get("macAddress"):
            yield Text(ethernet["macAddress"], style="dim")


def _handles(handles: Iterable[Mapping[str, Any]]) -> Iterator[Text | str]:
    for handle in handles:
        yield "network"
        yield _handle(handle)


def _handle(handle: Mapping[str, Any]) -> Text:
    return Text(str(handle.get("resourceId") or "-"), style="magenta")


def _id(value: str) -> Text:
    return Text(value, style="dim")


def _titled(title: str, *parts: Text | str) -> Text:
    line = Text.assemble((title, "bold cyan"))
    for part in parts:
        if part:
            line.append("  ")
            line.append_text(part if isinstance(part, Text) else Text(part))
    return line
