"""What the simulated VIM makes of routers and floating addresses: its network outside is ``198.18.0.0/15``."""

from __future__ import annotations

import msgspec

from vim_adapters.errors import CapacityError, ConflictError, DependencyMissingError, InvalidSpecError
from vim_adapters.resources import FloatingAddressSpec, Kind, RouterSpec, SubnetSpec
from vim_adapters.simulated.draft import Draft
from vim_adapters.simulated.file import VimFile
from vim_adapters.simulated.holdings import Holdings

_OUTSIDE = SubnetSpec(name="public", network="public", cidr="198.18.0.0/15")
"""Part of every simulated VIM, nobody's, and so of no table."""


def router(holdings: Holdings, spec: RouterSpec) -> Draft:
    """Return what comes of it: each subnet has a gateway for it, and no other router."""
    uses: list[str] = []
    for index, subnet in enumerate(spec.subnets):
        place = f"subnets[{index}]"
        there = msgspec.json.decode(holdings.needed(Kind.SUBNET, subnet, place)["attributes"])
        if not there["gateway"]:
            raise InvalidSpecError(f"{place}: subnet {subnet} has no gateway, whose address a router could take")
        if other := holdings.holder(Kind.ROUTER, subnet):
            raise ConflictError(f"{place}: subnet {subnet} is on router {other['id']}")
        uses += [subnet, there["network"]]
    return Draft(uses=tuple(dict.fromkeys(uses)))


def floating_address(holdings: Holdings, spec: FloatingAddressSpec) -> Draft:
    """Return what comes of it: an address that is free outside, and leads to the port."""
    leading = led(holdings, spec)
    address = holdings.allocation(_OUTSIDE.network, _OUTSIDE).pick("")
    if address is None:
        raise CapacityError("No more IP addresses available on network public")
    return Draft(
        attributes={"address": address, **leading.attributes},
        uses=leading.uses,
        addresses=((_OUTSIDE.network, address),),
    )


def led(holdings: Holdings, spec: FloatingAddressSpec) -> Draft:
    """Return what is true of an address that leads to a port, through the router that the port's subnet is on."""
    if spec.router is not None:
        holdings.needed(Kind.ROUTER, spec.router, "router")
    port = msgspec.json.decode(holdings.needed(Kind.PORT, spec.port, "port")["attributes"])
    own = zip(port["addresses"], port["subnets"], strict=True)
    subnet = next((subnet for address, subnet in own if ":" not in address), None)
    if subnet is None:
        raise InvalidSpecError(f"port: port {spec.port} has no IPv4 address to be reached under another one")
    if other := holdings.holder(Kind.FLOATING_ADDRESS, spec.port):
        raise ConflictError(f"port: floating address {other['id']} leads to port {spec.port} already")
    way = holdings.holder(Kind.ROUTER, subnet)
    if way is None or not msgspec.json.decode(way["spec"]).get("outside", True):
        raise DependencyMissingError(f"port: no router leads from subnet {subnet} to the network outside")
    return Draft(attributes={"port": spec.port}, uses=(spec.port, way["id"]))


def let_go_of(connection: VimFile, port: str) -> None:
    """Have the floating address that leads to a port lead nowhere, for the port goes."""
    leading = "kind = 'floating_address' AND id IN (SELECT user FROM uses WHERE used = ?)"
    found = connection.execute(f"SELECT id FROM resources WHERE {leading}", (port,)).fetchall()  # noqa: S608  # no value in it
    for row in found:
        connection.execute(
            "UPDATE resources SET attributes = json_set(attributes, '$.port', '') WHERE id = ?", (row["id"],)
        )
        connection.execute("DELETE FROM uses WHERE user = ?", (row["id"],))
