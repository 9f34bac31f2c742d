"""Ports of connection points: of VNFCs, on trunks, and those that keep virtual addresses (SOL001 clause 6.8.8).

With the ports come the floating addresses that lead to them, and for these the routers of links.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from descriptors.model.vnfd import ConnectionPoint, Flavour, L3Protocol, Vdu
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import AddressPair, FixedAddress, Kind, PortSpec, SubPort, encode_spec
from vnfm.planning import paths
from vnfm.planning.address_ranges import carried
from vnfm.planning.addresses import internal_addresses
from vnfm.planning.connection_points import Attachment, attachment, connection_points_of
from vnfm.planning.exposed_links import exposures, interface
from vnfm.planning.floating_addresses import check_version, floating_address, routers
from vnfm.planning.quality_of_service import Rates, policy_of
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape
from vnfm.planning.trunks import port_through, sub_points, sub_port, trunk_resource
from vnfm.planning.virtual_connection_points import link_of_virtual, virtual_points
from vnfm.planning.virtual_links import link_subnets
from vnfm.planning.vnfc_facts import Facts, given_point, made_point, with_floating


class GuestPorts(msgspec.Struct, frozen=True, kw_only=True):
    """What one VNFC is attached with."""

    resources: tuple[Resource, ...] = ()
    """Ports, trunks and floating addresses."""
    interfaces: tuple[str, ...] = ()
    """Ports for the server, as references or identifiers, in the order of the guest's interfaces."""
    points: tuple[Facts, ...] = ()
    """What boot data may say of them."""


class _Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A port of one connection point of a VNFC."""

    port: str
    facts: Facts
    made: Resource | None = None
    floating: Resource | None = None
    outside: Attachment | None = None


class Ports:
    """Makes the ports of one VNF, and remembers what they touch."""

    def __init__(self, flavour: Flavour, shape: Shape, rates: Mapping[str, Rates], label: str) -> None:
        self._flavour = flavour
        self._shape = shape
        self._rates = rates
        self._label = label
        self._managed = {link.vnf_virtual_link_desc_id: link.resource_id for link in shape.ext_managed_virtual_links}
        self._subnets = link_subnets(flavour)
        candidates = (vdu for vdu in flavour.vdus.values() if vdu.max_instances <= 1)
        self._single = {vdu.id for vdu in candidates if flavour.most_instances(vdu) <= 1}
        """VDUs of which there is one VNFC at any size."""
        self._points: dict[str, list[tuple[ConnectionPoint, list[ConnectionPoint]]]] = {}
        """By VDU, its connection points with those on the trunk of each."""
        self._plain: dict[str, tuple[FixedAddress, ...]] = {}
        """What each instance of a connection point asks for on its link, where the VNFD gives no address itself."""
        self._shared: defaultdict[str, list[str]] = defaultdict(list)
        """By connection point, ports whose addresses it may carry, as references or identifiers."""
        self._lent: defaultdict[str, list[AddressPair]] = defaultdict(list)
        """By connection point, addresses of virtual ones that have no port of their own."""
        self.attachments: dict[str, Attachment] = {}
        """By path of the port, whether it is created or was made beforehand."""
        self.policies: set[str] = set()
        """Security group policies that are in use."""
        self._routed: set[str] = set()
        """Internal virtual links that floating addresses lead to."""
        self._exposed: set[str] = set()
        """Internal virtual links that are reached from external ones."""
        self.exposing = tuple(self._exposing())
        """The ports by which they are."""
        self.virtual = tuple(self._virtual())
        """The ports that keep the addresses of virtual connection points, and what leads to them."""

    def of_vnfc(self, vdu: Vdu, index: int) -> GuestPorts:
        """Return the ports of one VNFC; a connection point that is attached to nothing has none.

        Raises:
            PlanningRefusedError: a connection point or a trunk cannot be as it is asked for.
        """
        resources: list[Resource] = []
        interfaces: list[str] = []
        points: list[Facts] = []
        for point, carried_by_it in self._points_of(vdu):
            parent = self._attached(point, vdu, index)
            if parent is None:
                continue
            subs = [(sub, attached) for sub in carried_by_it if (attached := self._attached(sub, vdu, index))]
            interface, trunk = parent.port, self._trunk(parent, subs, paths.trunk(vdu.id, index, point.id))
            if trunk:
                interface = port_through(trunk.path)
                resources.append(trunk)
            interfaces.append(interface)
            for attached in (parent, *(attached for _, attached in subs)):
                points.append(attached.facts)
                resources += filter(None, (attached.made, attached.floating))
        return GuestPorts(resources=tuple(resources), interfaces=tuple(interfaces), points=tuple(points))

    def routers(self) -> list[Resource]:
        """Return the routers of the links that are reached from elsewhere, once all ports were asked for."""
        return routers(self._routed, self._exposed, self._subnets, self._label)

    def _exposing(self) -> Iterator[Resource]:
        for point, path, outside in exposures(self._flavour, self._shape, self._managed, self._subnets):
            self.attachments[path] = outside
            self._exposed.add(point.internal_link)
            if not outside.shares:
                yield interface(path, point, outside, f"{self._label}-{point.id}")

    def _points_of(self, vdu: Vdu) -> list[tuple[ConnectionPoint, list[ConnectionPoint]]]:
        if vdu.id not in self._points:
            points = connection_points_of(self._flavour, vdu.id)
            self._points[vdu.id] = [(point, sub_points(self._flavour, point)) for point in points]
        return self._points[vdu.id]

    def _trunk(self, parent: _Attached, subs: list[tuple[ConnectionPoint, _Attached]], path: str) -> Resource | None:
        """The trunk of a port; one that somebody else has made with its port is theirs, and so is what is on it."""
        if not subs:
            return None
        if parent.outside and parent.outside.trunk:
            if made := [sub.id for sub, attached in subs if attached.made]:
                what = f"connection point {made[0]!r} is on a trunk that was made beforehand: give its linkPortId, too"
                raise PlanningRefusedError("extVirtualLinks", what)
            return None
        on_it: list[SubPort] = [sub_port(sub, attached.port, attached.outside) for sub, attached in subs]
        name = path.removeprefix("vdu/").replace("/", "-")
        return trunk_resource(path, parent.port, on_it, f"{self._label}-{name}")

    def _attached(self, point: ConnectionPoint, vdu: Vdu, index: int) -> _Attached | None:
        path = paths.port(vdu.id, index, point.id)
        place = index - self._shape.first_vnfcs.get(vdu.id, 0)
        outside = None
        if not point.internal_link:
            outside = attachment(self._flavour, self._shape, point, place)
            if outside is None:
                return None
            self.attachments[path] = outside
        name = f"{self._label}-{vdu.id}-{index}-{point.id}"
        port, made, facts = outside.link_port if outside else None, None, given_point(point.id, outside)
        if port is None:
            self._check_link(point)
            port, facts = reference(path), made_point(point.id, path)
            made = self._port(path, point, place, outside, name=name, alone=vdu.id in self._single)
        if floating := self._floating(path, point, outside, port, name):
            facts = with_floating(facts, reference(floating.path, "address"))
        return _Attached(port=port, facts=facts, made=made, floating=floating, outside=outside)

    def _floating(
        self, path: str, point: ConnectionPoint, outside: Attachment | None, port: str, name: str
    ) -> Resource | None:
        if not point.floating:
            return None
        check_version(point)
        link = "" if outside or point.internal_link in self._managed else point.internal_link
        if link:
            self._routed.add(link)
        return floating_address(path, port, name, link)

    def _virtual(self) -> Iterator[Resource]:
        for named, count in virtual_points(self._flavour, self._shape):
            point = msgspec.structs.replace(named, internal_link=link_of_virtual(self._flavour, named))
            self._check_link(point)
            for index in range(count):
                yield from self._of_virtual(point, index, alone=count == 1)

    def _of_virtual(self, point: ConnectionPoint, index: int, *, alone: bool) -> Iterator[Resource]:
        path = paths.virtual_point(point.id, index)
        outside = attachment(self._flavour, self._shape, point, index)
        if outside:
            self.attachments[path] = outside
        has_port = point.dedicated_ip_address and (outside.dedicated if outside else bool(point.internal_link))
        if not has_port:
            if point.floating and point.dedicated_ip_address and outside:
                what = f"connection point {point.id!r} has a floating address, so it takes a port: leave it out"
                raise PlanningRefusedError("extVirtualLinks.extCps.cpConfig.createExtLinkPort", what)
            addresses = [fixed.address for fixed in outside.fixed_addresses if fixed.address] if outside else []
            for target in point.targets:
                self._lent[target] += [AddressPair(address=address) for address in addresses]
            return
        kept = outside.link_port if outside and outside.link_port else reference(path)
        for target in point.targets:
            self._shared[target].append(kept)
        name = f"{self._label}-{point.id}-{index}"
        if outside is None or outside.link_port is None:
            yield self._port(path, point, index, outside, name=name, alone=alone)
        if floating := self._floating(path, point, outside, kept, name):
            yield floating

    def _check_link(self, point: ConnectionPoint) -> None:
        link = point.internal_link
        if link and link not in self._flavour.virtual_links:
            what = f"connection point {point.id!r} attaches to virtual link {link!r}, which is not there"
            raise PlanningRefusedError("flavourId", what)

    def _port(  # what tells one port from another
        self, path: str, point: ConnectionPoint, index: int, outside: Attachment | None, *, name: str, alone: bool
    ) -> Resource:
        link = point.internal_link
        ours = not outside and link not in self._managed
        network = outside.network if outside else self._managed.get(link) or reference(paths.network(link))
        subnets = self._subnets.get(link, ()) if ours else ()
        self.policies.update(point.security_groups)
        spec = PortSpec(
            name=name,
            network=network,
            fixed_addresses=outside.fixed_addresses if outside else self._addresses(point, index, subnets, alone=alone),
            mac_address=outside.mac_address if outside else None,
            security_groups=tuple(reference(paths.security_group(group)) for group in point.security_groups),
            allowed_address_pairs=(
                *self._lent.get(point.id, ()),
                *(pair for asked in (outside.ranges if outside else ()) for pair in carried(asked)),
            ),
            vnic_type=point.vnic_type,
            carries_addresses_of=tuple(self._shared.get(point.id, ())),
            qos_policy=policy_of(point, self._rates, managed=not outside and not ours),
        )
        needed = tuple(paths.subnet(link, number) for number in range(len(subnets)))
        return Resource(path=path, kind=Kind.PORT, spec=encode_spec(spec), depends_on=needed)

    def _addresses(
        self, point: ConnectionPoint, index: int, subnets: Sequence[L3Protocol], *, alone: bool
    ) -> tuple[FixedAddress, ...]:
        if any(request.fixed for request in point.addresses):
            return internal_addresses(point, index, subnets, alone=alone)
        if point.id not in self._plain:
            self._plain[point.id] = internal_addresses(point, index, subnets, alone=alone)
        return self._plain[point.id]
