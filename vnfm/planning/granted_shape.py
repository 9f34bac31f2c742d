"""What a grant decides besides places: links, and flavours and images on VIMs (SOL003 clause 9.5.2.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from descriptors.model.vnfd import Flavour
from mano_runtime.workflow.graph import Graph
from vnfm.planning import paths
from vnfm.planning.external_links import reconnected
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Origin, Shape, check_connectivity
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData
from vnfm.sol003.grants import Grant, VimAssets, VimSnapshotResource


def with_grant(flavour: Flavour, shape: Shape, grant: Grant) -> Shape:
    """Return the shape with what the grant decided besides places.

    Links are changes to those of the request and of earlier operations (note 8): what the grant does not name stays.
    A flavour, an image or a snapshot counts where it is on a VIM that the grant puts something on that is made from it;
    what was named earlier and is not named now stays, too.

    Raises:
        PlanningRefusedError: unknown connection point or virtual link; or something is to be made on several VIMs, and
            is not the same on all.
    """
    links, managed = grant.ext_virtual_links, grant.ext_managed_virtual_links
    check_connectivity(
        flavour, Shape(flavour_id=flavour.id, ext_virtual_links=links, ext_managed_virtual_links=managed)
    )
    assets = grant.vim_assets or VimAssets()
    vims = _Vims(flavour, grant)
    return msgspec.structs.replace(
        shape,
        ext_virtual_links=reconnected(shape.ext_virtual_links, links) if links else shape.ext_virtual_links,
        ext_managed_virtual_links=_managed(shape, managed),
        vim_flavours=shape.vim_flavours
        | _one_each(
            "computeResourceFlavours",
            (
                (asset.vnfd_virtual_compute_desc_id, asset.vim_flavour_id)
                for asset in assets.compute_resource_flavours
                if asset.vim_connection_id in vims.of_vdu(asset.vnfd_virtual_compute_desc_id)
            ),
        ),
        vim_images=shape.vim_images
        | _one_each(
            "softwareImages",
            (
                (asset.vnfd_software_image_id, asset.vim_software_image_id)
                for asset in assets.software_images
                if asset.vim_connection_id in vims.of_image(asset.vnfd_software_image_id)
            ),
        ),
        origins={path: _origin(path, origin, assets.snapshot_resources) for path, origin in shape.origins.items()},
    )


def _one_each(attribute: str, named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what each is on the VIM; it is refused when that depends on the VIM, for a VNF has one name for it."""
    found: dict[str, str] = {}
    for what, on_vim in named:
        if found.setdefault(what, on_vim) != on_vim:
            raise PlanningRefusedError(
                f"vimAssets.{attribute}",
                f"{what!r} is needed on several VIMs, and is {found[what]!r} on one of them and {on_vim!r} on another:"
                " have the NFVO put all that is made from it on one VIM",
            )
    return found


def _origin(path: str, origin: Origin, assets: Iterable[VimSnapshotResource]) -> Origin:
    """Return the snapshot's resource that the grant names in place of the one that was known."""
    part = paths.parse_vnfc_part(path)
    vnfc, storage = (part.vnfc, path if part.part == "storage" else None) if part else ("", None)
    for asset in assets:
        if (asset.vnf_snapshot_id, asset.vnfc_snapshot_id) != (origin.snapshot, vnfc):
            continue
        if asset.storage_snapshot_id == storage:
            vim = asset.vim_connection_id or origin.vim
            return msgspec.structs.replace(origin, id=asset.vim_snapshot_resource_id, vim=vim)
    return origin


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


class _Vims:
    """The VIMs that the grant puts something new on; None stands for any, where the grant does not tell them apart."""

    def __init__(self, flavour: Flavour, grant: Grant) -> None:
        self._flavour = flavour
        zones = {zone.id: zone.vim_connection_id for zone in grant.zones}
        self._by_vdu: defaultdict[str, set[str | None]] = defaultdict(set)
        every: set[str | None] = set()
        for info in (*grant.add_resources, *grant.temp_resources):
            part = paths.parse_vnfc_part(info.resource_definition_id)
            vim = info.vim_connection_id or zones.get(info.zone_id or "")
            if vim:
                every.add(vim)
                self._by_vdu[part.vdu if part else ""].add(vim)
        self._later: set[str | None] = every if len(every) == 1 else set()
        """For what there is none of yet, should no later grant say it again."""

    def of_vdu(self, vdu: str) -> set[str | None]:
        """Where VNFCs of a VDU go."""
        return {None} | (self._by_vdu[vdu] or self._later)

    def of_image(self, image: str) -> set[str | None]:
        """Where VNFCs go that something of is made from an image."""
        disks = {disk.id for disk in self._flavour.storages.values() if disk.image and disk.image.id == image}
        used = (
            vdu.id
            for vdu in self._flavour.vdus.values()
            if (vdu.image and vdu.image.id == image) or not disks.isdisjoint(vdu.storages)
        )
        return {None} | (set().union(*(self._by_vdu[vdu] for vdu in used)) or self._later)
