"""What a grant decides besides places: links, and flavours and images on VIMs (SOL003 clause 9.5.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import Flavour
from mano_runtime.workflow.graph import Graph
from vnfm.planning.external_links import reconnected
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, check_connectivity
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData
from vnfm.sol003.grants import Grant, VimAssets, VimComputeResourceFlavour, VimSoftwareImage


def with_grant(flavour: Flavour, shape: Shape, grant: Grant) -> Shape:
    """Return the shape with what the grant decided besides places.

    Links are changes to those of the request and of earlier operations (note 8): what the grant does not name stays.
    Flavours and images count where they are on a VIM that the grant puts something on; what was named earlier and is
    not named now stays, too.

    Raises:
        PlanningRefusedError: unknown connection point or virtual link.
    """
    links, managed = grant.ext_virtual_links, grant.ext_managed_virtual_links
    check_connectivity(
        flavour, Shape(flavour_id=flavour.id, ext_virtual_links=links, ext_managed_virtual_links=managed)
    )
    assets = grant.vim_assets or VimAssets()
    vims = frozenset(_vims(grant))
    return msgspec.structs.replace(
        shape,
        ext_virtual_links=reconnected(shape.ext_virtual_links, links) if links else shape.ext_virtual_links,
        ext_managed_virtual_links=_managed(shape, managed),
        vim_flavours=shape.vim_flavours
        | {
            asset.vnfd_virtual_compute_desc_id: asset.vim_flavour_id
            for asset in assets.compute_resource_flavours
            if _usable(asset, vims)
        },
        vim_images=shape.vim_images
        | {
            asset.vnfd_software_image_id: asset.vim_software_image_id
            for asset in assets.software_images
            if _usable(asset, vims)
        },
    )


def check_managed_links(shape: Shape, graph: Graph) -> None:
    """Refuse a placed graph with something on another VIM than the externally managed link that it is attached to."""
    there = {link.resource_id: link for link in shape.ext_managed_virtual_links if link.vim_connection_id}
    for path, resource in graph.items():
        link = there.get(str(resource.spec.get("network")))
        if link and link.vim_connection_id != resource.target:
            raise PlanningRefusedError(
                "extManagedVirtualLinks.vimConnectionId",
                f"externally managed virtual link {link.id!r} is on VIM {link.vim_connection_id!r}, and the grant puts"
                f" {path!r} on VIM {resource.target!r}",
            )


def _managed(shape: Shape, changes: tuple[ExtManagedVirtualLinkData, ...]) -> tuple[ExtManagedVirtualLinkData, ...]:
    links = (*shape.ext_managed_virtual_links, *changes)
    return tuple({link.vnf_virtual_link_desc_id: link for link in links}.values())


def _vims(grant: Grant) -> Iterator[str]:
    """The VIMs that the grant puts something on."""
    for info in (*grant.add_resources, *grant.temp_resources):
        if info.vim_connection_id:
            yield info.vim_connection_id
    for zone in grant.zones:
        if zone.vim_connection_id:
            yield zone.vim_connection_id


def _usable(asset: VimComputeResourceFlavour | VimSoftwareImage, vims: frozenset[str]) -> bool:
    return asset.vim_connection_id is None or asset.vim_connection_id in vims
