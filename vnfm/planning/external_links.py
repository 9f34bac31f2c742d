"""Changes of external connectivity: what a request says of some links, applied to those that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from vnfm.sol003.connectivity import ExtVirtualLinkData, VnfExtCpConfig, VnfExtCpData

Links = tuple[ExtVirtualLinkData, ...]


def reconnected(links: Links, changes: Links) -> Links:
    """Return the links with the changes of a request applied (SOL003 clauses 4.4.1.10 and 5.5.2.11).

    A link that the request does not name stays as it is; one that it names gets its network, and the entries of
    ``cpConfig`` that it has, each in the place of the one with its key: null takes an entry away. An entry that the
    request puts on one link leaves any other that it was on, so that the connection point moves. A link that nothing
    is attached to any more is left out.
    """
    for change in changes:
        there = next((link for link in links if link.id == change.id), None)
        others = tuple(_without(link, change) for link in links if link.id != change.id)
        links = (*others, _with(there, change) if there else change)
    return tuple(filter(_is_used, map(_cleared, links)))


def restricted(links: Links, connection_points: Collection[str]) -> Links:
    """Return the links with nothing on them but these connection points."""
    kept = (
        msgspec.structs.replace(link, ext_cps=tuple(cp for cp in link.ext_cps if cp.cpd_id in connection_points))
        for link in links
    )
    return tuple(filter(_is_used, kept))


Config = dict[str, VnfExtCpConfig | None]


def _with(link: ExtVirtualLinkData, change: ExtVirtualLinkData) -> ExtVirtualLinkData:
    wanted = {cp.cpd_id: cp.cp_config for cp in change.ext_cps}
    cps = {cp.cpd_id: {**cp.cp_config, **wanted.pop(cp.cpd_id, {})} for cp in link.ext_cps}
    ports = {port.id: port for port in (*link.ext_link_ports, *change.ext_link_ports)}
    return msgspec.structs.replace(
        change,
        ext_cps=tuple(VnfExtCpData(cpd_id=cpd, cp_config=config) for cpd, config in {**cps, **wanted}.items()),
        ext_link_ports=tuple(ports.values()),
    )


def _without(link: ExtVirtualLinkData, change: ExtVirtualLinkData) -> ExtVirtualLinkData:
    """The link without what the change puts elsewhere."""
    moved = {cp.cpd_id: cp.cp_config for cp in change.ext_cps}

    def staying() -> Iterator[VnfExtCpData]:
        for cp in link.ext_cps:
            if cp.cpd_id not in moved:
                yield cp
                continue
            gone = {key for key, config in moved[cp.cpd_id].items() if config is not None}
            config = {key: it for key, it in cp.cp_config.items() if key not in gone}
            if config and moved[cp.cpd_id]:  # without any entries, all of the connection point moves
                yield VnfExtCpData(cpd_id=cp.cpd_id, cp_config=config)

    return msgspec.structs.replace(link, ext_cps=tuple(staying()))


def _cleared(link: ExtVirtualLinkData) -> ExtVirtualLinkData:
    """The link without the entries that were taken away, and the connection points that lost all of theirs."""

    def remaining() -> Iterator[VnfExtCpData]:
        for cp in link.ext_cps:
            config: Config = {key: it for key, it in cp.cp_config.items() if it is not None}
            if config or not cp.cp_config:
                yield VnfExtCpData(cpd_id=cp.cpd_id, cp_config=config)

    return msgspec.structs.replace(link, ext_cps=tuple(remaining()))


def _is_used(link: ExtVirtualLinkData) -> bool:
    return bool(link.ext_cps)
