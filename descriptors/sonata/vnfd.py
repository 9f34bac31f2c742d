"""A function descriptor as a VNFD with one flavour, ``default``."""

from __future__ import annotations

import posixpath

from descriptors.model.vnfd import (
    Artifact,
    ConnectionPoint,
    ExternalConnectionPoint,
    Flavour,
    SoftwareImage,
    Vdu,
    VirtualLink,
    Vnfd,
)
from descriptors.sonata.fields import Fields, identity, size_bytes

FLAVOUR = "default"


def read_function(fields: Fields) -> Vnfd:
    """Read a function descriptor; what is wrong is reported and reads as nothing."""
    units = list(fields.each("virtual_deployment_units", required=True))
    vdus = {vdu.id: vdu for unit in units if (vdu := _vdu(unit)).id}
    ports = {
        f"{unit.text('id')}:{port.text('id', required=True)}": (unit.text("id"), order)
        for unit in units
        for order, port in enumerate(unit.each("connection_points"))
    }
    shown = [point.text("id", required=True) for point in fields.each("connection_points")]
    wiring = _Wiring(ports, shown)
    for link in fields.each("virtual_links"):
        wiring.add(link)
    return Vnfd(
        id=identity(fields),
        provider=fields.text("vendor"),
        product_name=fields.text("name"),
        software_version=fields.text("version"),
        version=fields.text("version"),
        info_description=fields.text("description"),
        default_flavour=FLAVOUR,
        flavours={
            FLAVOUR: Flavour(
                id=FLAVOUR,
                description=fields.text("description"),
                vdus=vdus,
                connection_points=wiring.points(),
                external_connection_points=wiring.external,
                virtual_links=wiring.links,
                initial_instances={vdu.id: vdu.min_instances for vdu in vdus.values()},
            )
        },
    )


def _vdu(unit: Fields) -> Vdu:
    name = unit.text("id", required=True)
    needs = unit.inside("resource_requirements", required=True)
    scaling = unit.inside("scale_in_out")
    least = int(scaling.number("minimum", 1))
    return Vdu(
        id=name,
        name=name,
        description=unit.text("description"),
        vcpus=max(int(needs.inside("cpu", required=True).number("vcpus", 1, required=True)), 1),
        memory_bytes=size_bytes(needs.inside("memory", required=True)),
        local_disk_bytes=size_bytes(needs.inside("storage")) if needs.has("storage") else 0,
        image=_image(unit, name),
        boot_data=unit.text("user_data"),
        min_instances=least,
        max_instances=max(int(scaling.number("maximum", max(least, 1))), least),
    )


def _image(unit: Fields, name: str) -> SoftwareImage:
    file = unit.text("vm_image", required=True)
    unit.report.warning(
        "image-not-in-package", f"the software image {file} is not carried in the package", (*unit.path, "vm_image"),
        hint="it is looked up on the VIM by name",
    )  # fmt: skip
    return SoftwareImage(
        id=name,
        name=posixpath.basename(file.rstrip("/")) or file,
        disk_format=unit.text("vm_image_format").lower() or "qcow2",
        artifact=Artifact(name="vm_image", file=file, in_package=False) if "://" in file else None,
    )


class _Wiring:
    """How the links join the units' connection points with each other and with the function's own."""

    def __init__(self, ports: dict[str, tuple[str, int]], shown: list[str]) -> None:
        self._ports = ports
        self._shown = shown
        self._inside: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        self._border: dict[str, str] = {}
        self.external: dict[str, ExternalConnectionPoint] = {}
        self.links: dict[str, VirtualLink] = {}

    def add(self, link: Fields) -> None:
        """Take in one link."""
        name = link.text("id", required=True)
        named = link.texts("connection_points_reference")
        ports = [reference for reference in named if reference in self._ports]
        shown = [reference for reference in named if reference in self._shown]
        for reference in set(named) - set(ports) - set(shown):
            link.report.warning(
                "sonata-unknown-reference", f"link {name} names {reference}, which does not exist", link.path
            )
        for reference in shown:
            self.external[reference] = ExternalConnectionPoint(
                id=reference, connection_point=reference, requirement=reference
            )
        if len(ports) == 1 and len(shown) == 1:  # the unit's own connection point is what the function shows
            self._renamed[ports[0]] = shown[0]
            return
        self.links[name] = VirtualLink(id=name, flow_pattern=link.text("connectivity_type"))
        self._inside.update(dict.fromkeys(ports, name))
        self._border.update(dict.fromkeys(shown, name))

    def points(self) -> dict[str, ConnectionPoint]:
        """Return every connection point, by the name that it is known by outside where it is shown."""
        found = [
            ConnectionPoint(
                id=self._renamed.get(port, port), vdu=vdu, order=order, internal_link=self._inside.get(port, "")
            )
            for port, (vdu, order) in self._ports.items()
        ]
        found += [
            ConnectionPoint(id=point, kind="EXTERNAL", internal_link=link) for point, link in self._border.items()
        ]
        return {point.id: point for point in found}
