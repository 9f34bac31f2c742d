"""What VNFDs say of the way from one package to another (SOL001 VnfPackageChange): flavours, names, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import PackageChange, Vnfd
from vnfm.planning import paths
from vnfm.planning.shape import Shape

UNTOLD = PackageChange(id="")
"""Where no VNFD says anything: every part has the name that it had."""


def package_change(source_id: str, source: Vnfd | None, vnfd: Vnfd, flavour: str) -> PackageChange:
    """Return what is said of the change from a flavour of one VNFD to another VNFD.

    The VNFD that it leads to counts before the one that it comes from; ``source`` is None when that is gone.
    """
    for change in (*vnfd.package_changes, *(source.package_changes if source else ())):
        for transition in change.transitions:
            ends = (transition.source_descriptor_id, transition.destination_descriptor_id)
            if ends == (source_id, vnfd.id) and transition.source_flavour in {"", flavour}:
                return change
    return UNTOLD


def destination_flavour(change: PackageChange, flavour: str) -> str:
    """Return the name of the flavour that a change leads to: the same, unless it says another."""
    return change.destination_flavour or change.renamed("deployment_flavour", flavour)


def with_names_of(change: PackageChange, shape: Shape) -> Shape:
    """Return the shape with its connection points, links and VNFCs under the names of the other package."""
    if not change.mappings:
        return shape
    return msgspec.structs.replace(
        shape,
        stopped=tuple(_vnfc(change, vnfc) for vnfc in shape.stopped),
        ext_virtual_links=tuple(
            msgspec.structs.replace(
                link,
                ext_cps=tuple(
                    msgspec.structs.replace(cp, cpd_id=change.renamed("cp", cp.cpd_id)) for cp in link.ext_cps
                ),
            )
            for link in shape.ext_virtual_links
        ),
        ext_managed_virtual_links=tuple(
            msgspec.structs.replace(
                link, vnf_virtual_link_desc_id=change.renamed("virtual_link", link.vnf_virtual_link_desc_id)
            )
            for link in shape.ext_managed_virtual_links
        ),
    )


def actions_of(change: PackageChange) -> Iterator[str]:
    """Yield the coordination actions that belong to a change."""
    yield from change.actions
    yield from change.coordination_actions


def _vnfc(change: PackageChange, path: str) -> str:
    _, vdu, index = path.split("/")
    return paths.vnfc(change.renamed("vdu", vdu), int(index))
