"""A service descriptor as an NSD with one flavour, ``default``."""

from __future__ import annotations

from descriptors.model.nsd import NestedNs, Nsd, NsFlavour, Sap, VnfProfile
from descriptors.model.vnfd import VirtualLink
from descriptors.sonata.fields import Fields, identity

FLAVOUR = "default"


def read_service(fields: Fields) -> Nsd:
    """Read a service descriptor; what is wrong is reported and reads as nothing."""
    functions = {
        item.text("vnf_id", required=True): _constituent(item, "vnf")
        for item in fields.each("network_functions", required=not fields.has("network_services"))
    }
    services = {item.text("ns_id", required=True): _constituent(item, "ns") for item in fields.each("network_services")}
    shown = [point.text("id", required=True) for point in fields.each("connection_points")]
    attached: dict[str, dict[str, str]] = {name: {} for name in (*functions, *services)}
    saps: dict[str, Sap] = {}
    links: dict[str, VirtualLink] = {}
    for link in fields.each("virtual_links"):
        name = link.text("id", required=True)
        links[name] = VirtualLink(id=name, flow_pattern=link.text("connectivity_type"))
        for reference in link.texts("connection_points_reference"):
            constituent, colon, point = reference.partition(":")
            if colon and constituent in attached:
                attached[constituent][point] = name
            elif not colon and reference in shown:
                saps[reference] = Sap(id=reference, internal_link=name)
            else:
                link.report.warning(
                    "sonata-unknown-reference", f"link {name} names {reference}, which does not exist", link.path
                )
    flavour = NsFlavour(
        id=FLAVOUR,
        description=fields.text("description"),
        vnf_profiles={
            name: VnfProfile(id=name, vnfd_id=vnfd, links=attached[name]) for name, vnfd in functions.items()
        },
        nested={name: NestedNs(id=name, nsd_id=nsd, links=attached[name]) for name, nsd in services.items()},
        virtual_links=links,
        saps=saps,
    )
    return Nsd(
        id=identity(fields),
        invariant_id=f"{fields.text('vendor')}.{fields.text('name')}",
        designer=fields.text("vendor"),
        version=fields.text("version"),
        name=fields.text("name"),
        default_flavour=FLAVOUR,
        flavours={FLAVOUR: flavour},
    )


def _constituent(item: Fields, prefix: str) -> str:
    return ".".join(item.text(f"{prefix}_{part}", required=True) for part in ("vendor", "name", "version"))
