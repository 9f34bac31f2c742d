"""What Neutron is asked for and what it answers, as values: networks, subnets, ports and trunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from vim_adapters.contract import Handle, Observation, State
from vim_adapters.errors import InvalidSpecError
from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.marks import Marks, from_description
from vim_adapters.resources import AddressPair, Kind, NetworkSpec, PortSpec, SubnetSpec, TrunkSpec

_STATES = {"ERROR": State.FAULTED, "DEGRADED": State.FAULTED}
"""By Neutron's status. A port that no server has is DOWN and yet all it shall be."""


def network_body(spec: NetworkSpec) -> Document:
    """Return what asks Neutron for a network."""
    return _given(
        {"name": named(spec)},
        {
            "mtu": spec.mtu,
            "vlan_transparent": spec.vlan_transparent or None,
            "provider:network_type": spec.provider_type,
            "provider:segmentation_id": spec.provider_segment,
            "provider:physical_network": spec.provider_physical_network,
            "shared": spec.shared or None,
            "qos_policy_id": spec.qos_policy,
        },
    )


def subnet_body(spec: SubnetSpec) -> Document:
    """Return what asks Neutron for a subnet.

    Raises:
        InvalidSpecError: the range is none, or begins in its middle, which Neutron would set right in silence.
    """
    try:
        ip_network(spec.cidr)
    except ValueError as error:
        raise InvalidSpecError(f"cidr: {error}") from None
    body = {
        "name": named(spec),
        "network_id": spec.network,
        "ip_version": spec.ip_version,
        "cidr": spec.cidr,
        "enable_dhcp": spec.dhcp,
    }
    if spec.gateway is not None:
        body["gateway_ip"] = spec.gateway or None  # null: none, where an absent one would be chosen
    return _given(
        body,
        {
            "ipv6_address_mode": spec.ipv6_address_mode,
            "ipv6_ra_mode": spec.ipv6_address_mode,
            "dns_nameservers": list(spec.dns_servers) or None,
            "allocation_pools": [{"start": pool.start, "end": pool.end} for pool in spec.allocation_pools] or None,
        },
    )


def port_body(spec: PortSpec, carried: Sequence[str]) -> Document:
    """Return what asks Neutron for a port that carries, besides its own, the addresses of other ports."""
    fixed = [_given({}, {"subnet_id": one.subnet, "ip_address": one.address}) for one in spec.fixed_addresses]
    body = _given(
        {"name": named(spec), "network_id": spec.network},
        {
            "fixed_ips": [one for one in fixed if one] or None,
            "mac_address": spec.mac_address,
            "security_groups": list(spec.security_groups) or None,
            "allowed_address_pairs": allowed_pairs(spec, carried) or None,
            "binding:vnic_type": spec.vnic_type if spec.vnic_type != "normal" else None,
            "qos_policy_id": spec.qos_policy,
        },
    )
    if not spec.port_security:
        body["port_security_enabled"] = False
        body["security_groups"] = []
    return body


def allowed_pairs(spec: PortSpec, carried: Sequence[str]) -> list[Document]:
    """Return what a port lets through besides its own address: what the spec says, and the addresses of other ports."""
    pairs = [*spec.allowed_address_pairs, *(AddressPair(address=address) for address in carried)]
    return [_given({"ip_address": pair.address}, {"mac_address": pair.mac_address}) for pair in pairs]


def trunk_body(spec: TrunkSpec) -> Document:
    """Return what asks Neutron for a trunk."""
    sub_ports = [
        _given(
            {"port_id": sub.port, "segmentation_type": sub.segmentation_type},
            {"segmentation_id": sub.segmentation_id},
        )
        for sub in spec.sub_ports
    ]
    return {"name": named(spec), "port_id": spec.port, "sub_ports": sub_ports}


def addresses(port: Document) -> list[str]:
    """Return a port's own addresses."""
    return [fixed["ip_address"] for fixed in port.get("fixed_ips") or ()]


def observation(kind: Kind, document: Document) -> Observation:
    """Return what a document of Neutron's says."""
    marks = from_description(document.get("description") or "", document.get("tags") or ())
    return observed_as(
        kind,
        document["id"],
        _STATES.get(document.get("status", ""), State.READY),
        marks,
        created_at=document.get("created_at", ""),
        fault=f"its status is {document.get('status')}",
        attributes=_ATTRIBUTES.get(kind, _nothing)(document),
    )


def observed_as(
    kind: Kind,
    id_: str,
    state: State,
    marks: Marks | None,
    *,
    created_at: str = "",
    fault: str = "",
    fault_family: str = "",
    attributes: Mapping[str, Any] = {},
) -> Observation:
    """Return an observation with what the marks tell; a fault is told of what is FAULTED only."""
    faulted = state is State.FAULTED
    return Observation(
        handle=Handle(kind=kind, id=id_),
        state=state,
        identity=marks.identity if marks else None,
        digest=marks.digest if marks else "",
        fault=fault if faulted else "",
        fault_family=fault_family if faulted else "",
        created_at=(marks.created_at if marks else "") or created_at,
        attributes=dict(attributes),
    )


def _network(document: Document) -> dict[str, Any]:
    return _given({}, {"mtu": document.get("mtu"), "segment": document.get("provider:segmentation_id")})


def _port(document: Document) -> dict[str, Any]:
    return {
        "mac_address": document.get("mac_address", ""),
        "addresses": addresses(document),
        "subnets": [fixed.get("subnet_id", "") for fixed in document.get("fixed_ips") or ()],
        "network": document.get("network_id", ""),
        "allowed_addresses": [pair["ip_address"] for pair in document.get("allowed_address_pairs") or ()],
    }


def _trunk(document: Document) -> dict[str, Any]:
    return {"port": document.get("port_id", "")}


def _floating_address(document: Document) -> dict[str, Any]:
    return {"address": document.get("floating_ip_address", ""), "port": document.get("port_id") or ""}


def _policy(document: Document) -> dict[str, Any]:
    rates = rates_of(document.get("rules") or ())
    return {name: rates.get(kind, 0) * 1000 or None for name, kind in (("max_bps", "max"), ("min_bps", "min"))}


def rates_of(rules: Sequence[Document]) -> dict[str, int]:
    """Return the rates of a policy's rules, in kbit/s, as ``max`` and ``min``."""
    found: dict[str, int] = {}
    for rule in rules:
        for name in ("max", "min"):
            if (rate := rule.get(f"{name}_kbps")) is not None:
                found[name] = min(rate, found.get(name, rate))
    return found


def _nothing(_document: Document) -> dict[str, Any]:
    return {}


_ATTRIBUTES = {
    Kind.NETWORK: _network,
    Kind.PORT: _port,
    Kind.TRUNK: _trunk,
    Kind.FLOATING_ADDRESS: _floating_address,
    Kind.QOS_POLICY: _policy,
}


def _given(body: Document, optional: Mapping[str, Any]) -> Document:
    """Add what is given: absent and null are not the same to OpenStack."""
    return body | {name: value for name, value in optional.items() if value is not None}
