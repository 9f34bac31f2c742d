"""Whole lives of the VNFs and network services that other projects' packages describe, on the simulated VIM.

Every package is onboarded over REST as its author shipped it, in mode ``etsi``; then its VNF goes through
every operation that the VNFD has room for, and after each the inventory must name what is on the VIM, and no more.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
import tempfile
import uuid
import zipfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientSession

from descriptors.model.nsd import Nsd
from descriptors.model.vnfd import Flavour, SoftwareImage, Vnfd
from descriptors.onboarding import Onboarded, read_package
from mano_runtime.rest import serving
from mano_runtime.settings import Settings
from nfvo.server import build_application
from vim_adapters.connection import VimConnection
from vim_adapters.contract import Identity
from vim_adapters.resources import ImageSpec, NetworkSpec, SubnetSpec
from vim_adapters.simulated.adapter import SimulatedVim, connect
from vim_adapters.simulated.images import catalogue_row
from vim_adapters.simulated.settings import DEFAULTS, set_setting
from vim_adapters.simulated.store import Store, insert

ROOT = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open" / "packages"
PROJECTS = ("openmsa", "tacker")
UPGRADES = {
    "doc-source-user-v2-vnf-chg_vnfpkg-conf-change_vnfpkg_before.csar": (
        "doc-source-user-v2-vnf-chg_vnfpkg-conf-change_vnfpkg_after.csar",
    ),
    "doc-source-user-v2-vnf-chg_vnfpkg_with_standard-conf-change_vnfpkg_before.csar": (
        "doc-source-user-v2-vnf-chg_vnfpkg_with_standard-conf-change_vnfpkg_after.csar",
    ),
    "sol_v2_common-test_instantiate_vnf_with_old_image_or_volume.csar": (
        "sol_v2_common-test_change_vnf_pkg_with_new_image.csar",
        "sol_v2_common-test_change_vnf_pkg_with_new_volume.csar",
    ),
}
"""Packages that their projects wrote as the next version of another."""
OPERATIONS = (
    "onboard",
    "instantiate",
    "scale out",
    "scale in",
    "stop and start",
    "heal",
    "change flavour",
    "change connectivity",
    "change package",
    "terminate",
)
DONE = "yes"
VNF_PACKAGES = ("/vnfpkgm/v2/vnf_packages", "package_content", "onboardingState", "operationalState")
NSDS = ("/nsd/v2/ns_descriptors", "nsd_content", "nsdOnboardingState", "nsdOperationalState")
ENDED = frozenset({"COMPLETED", "FAILED_TEMP", "FAILED", "ROLLED_BACK"})
OUTSIDE = "operator"
"""Who owns what was on the VIM before."""


class Stopped(Exception):  # noqa: N818  # no error: the end of a life
    """The life cannot go on; the argument says why."""


class Life(msgspec.Struct, kw_only=True):
    """What became of one package."""

    package: str
    describes: str = ""
    outcomes: dict[str, str] = {}
    """By operation: DONE, or the reason why not; what the package has no room for is not there."""
    for_containers: bool = False
    """Whether there are Kubernetes resources in it."""


class Operator:
    """Somebody with an HTTP client, a simulated VIM and a folder of packages."""

    def __init__(self, session: ClientSession, url: str, store: Store, networks: dict[str, str]) -> None:
        self._session = session
        self._url = url
        self._store = store
        self._networks = networks
        self._directory = store.path.parent
        self._vim = ""
        self._shelf: defaultdict[str, list[Path]] = defaultdict(list)
        """Packages by the identifier of their descriptor, which several may have."""
        self._there: set[str] = set()
        """Identifiers of the descriptors that are onboarded now."""

    async def begin(self) -> None:
        """Look around."""
        _, vims = await self.ask("GET", "/mano/v1/vim_connections")
        self._vim = vims[0]["id"]
        for package in packages():
            found = await asyncio.to_thread(read, package)
            if descriptor := found.vnfd or found.nsd:
                self._shelf[descriptor.id].append(package)

    async def ask(self, method: str, path: str, body: Any = None, *, data: bytes | None = None) -> tuple[str, Any]:
        """Return the location and the body of the answer, of an operation once it ended; Stopped when it is refused."""
        headers = {"Content-Type": "application/zip"} if data is not None else {"Prefer": f"wait={_PATIENCE_SECONDS}"}
        async with self._session.request(method, self._url + path, json=body, data=data, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 400:  # refused
                raise Stopped(msgspec.json.decode(text)["detail"])
            location = answer.headers.get("Location", "").removeprefix(self._url)
            return location, msgspec.json.decode(text) if text else None

    async def until(self, path: str, attribute: str, *states: str) -> Any:
        """Return the resource once its attribute has one of the values."""
        while True:
            _, found = await self.ask("GET", path)
            if found[attribute] in states:
                return found
            await asyncio.sleep(0.005)

    async def life(self, package: Path) -> Life:
        """Live through all that the package has room for, and leave nothing behind."""
        lived = Life(package=f"{package.parent.name}/{package.name}")
        found = await asyncio.to_thread(read, package)
        lived.for_containers = await asyncio.to_thread(_has_kubernetes_resources, package)
        lived.describes = {"vnfd": "VNF", "nsd": "network service", "": "unreadable"}.get(found.kind, found.kind)
        async with AsyncExitStack() as stack:
            try:
                await self._onboarded(package, stack)
                lived.outcomes["onboard"] = DONE
                if found.vnfd:
                    await self._vnf(package, found.vnfd, lived, stack)
                elif found.nsd:
                    await self._service(found.nsd, lived, stack)
            except Stopped as stop:
                name, *reason = stop.args
                lived.outcomes[name if reason else "onboard"] = _IDENTIFIER.sub("...", stop.args[-1])
        left = await asyncio.to_thread(self._owned)
        assert not left, f"{lived.package} leaves {left}"
        return lived

    async def _onboarded(self, package: Path, stack: AsyncExitStack) -> None:
        """Onboard a package and what its NSD needs, until the stack is left."""
        found = await asyncio.to_thread(read, package)
        if found.vnfd:
            await asyncio.to_thread(self._provide_images, found.vnfd)
        for needed in _needed(found.nsd) if found.nsd else ():
            if needed in self._shelf and needed not in self._there:
                await self._onboarded(_companion(package, self._shelf[needed]), stack)
        collection, content, state, operational = NSDS if found.kind == "nsd" else VNF_PACKAGES
        _, entry = await self.ask("POST", collection, {})
        one = f"{collection}/{entry['id']}"
        await self.ask("PUT", f"{one}/{content}", data=await asyncio.to_thread(package.read_bytes))
        entry = await self.until(one, state, "ONBOARDED", "ERROR")
        if entry[state] == "ERROR":
            await self.ask("DELETE", one)
            raise Stopped(entry["onboardingFailureDetails"]["detail"])
        identifier = entry.get("vnfdId") or entry["nsdId"]
        self._there.add(identifier)

        async def remove() -> None:
            await self.ask("PATCH", one, {operational: "DISABLED"})
            await self.ask("DELETE", one)
            self._there.discard(identifier)

        stack.push_async_callback(remove)

    async def _service(self, nsd: Nsd, lived: Life, stack: AsyncExitStack) -> None:
        lived.describes = "network service"
        _, service = await self.ask(
            "POST", "/nslcm/v2/ns_instances", {"nsdId": nsd.id, "nsName": "n", "nsDescription": ""}
        )
        one = f"/nslcm/v2/ns_instances/{service['id']}"
        stack.push_async_callback(self.ask, "DELETE", one)
        body = {"nsFlavourId": nsd.default_flavour or next(iter(nsd.flavours))}
        await self._operation(lived, "instantiate", one, "instantiate", body)
        await self._operation(lived, "terminate", one, "terminate", {})

    async def _vnf(self, package: Path, vnfd: Vnfd, lived: Life, stack: AsyncExitStack) -> None:
        flavour = vnfd.flavours[vnfd.default_flavour or next(iter(vnfd.flavours))]
        lived.describes = f"VNF of {', '.join(flavour.vdus) or 'containers'}"
        _, vnf = await self.ask("POST", "/vnflcm/v2/vnf_instances", {"vnfdId": vnfd.id})
        one = f"/vnflcm/v2/vnf_instances/{vnf['id']}"
        stack.push_async_callback(self.ask, "DELETE", one)
        links = {"extVirtualLinks": self._links(flavour, "outside")}
        await self._operation(lived, "instantiate", one, "instantiate", {"flavourId": flavour.id, **links})
        try:
            await self._changes(package, vnfd, flavour, lived, one)
        finally:
            await self._operation(lived, "terminate", one, "terminate", {"terminationType": "FORCEFUL"})

    async def _changes(self, package: Path, vnfd: Vnfd, flavour: Flavour, lived: Life, one: str) -> None:
        """All that can be done to a VNF that is there."""
        for way in ("out", "in"):
            for aspect in [aspect for aspect in flavour.aspects.values() if aspect.max_level]:
                body = {"type": f"SCALE_{way.upper()}", "aspectId": aspect.id}
                await self._operation(lived, f"scale {way}", one, "scale", body)
        for state in ("STOPPED", "STARTED"):
            await self._operation(lived, "stop and start", one, "operate", {"changeStateTo": state})
        await self._operation(lived, "heal", one, "heal", {"additionalParams": {"all": True}})
        others = [name for name in vnfd.flavours if name != flavour.id]
        for name in (*others, flavour.id) if others else ():
            body = {"newFlavourId": name, "extVirtualLinks": self._links(vnfd.flavours[name], "outside")}
            await self._operation(lived, "change flavour", one, "change_flavour", body)
        if elsewhere := self._links(flavour, "elsewhere"):
            await self._operation(lived, "change connectivity", one, "change_ext_conn", {"extVirtualLinks": elsewhere})
        for target in UPGRADES.get(package.name, ()):
            await self._upgrade(lived, one, package.with_name(target), back=vnfd.id)

    async def _upgrade(self, lived: Life, one: str, package: Path, *, back: str) -> None:
        """Go to another version of the package, and back."""
        async with AsyncExitStack() as stack:
            package = await asyncio.to_thread(_with_identity_of_its_own, package, self._directory)
            target = (await asyncio.to_thread(read, package)).vnfd
            if target is None:
                raise Stopped("change package", f"{package.name} cannot be read")
            await self._onboarded(package, stack)
            links = self._links(next(iter(target.flavours.values())), "outside")
            body = {"vnfdId": target.id, "extVirtualLinks": links}
            await self._operation(lived, "change package", one, "change_vnfpkg", body)
            await self._operation(lived, "change package", one, "change_vnfpkg", {"vnfdId": back})

    async def _operation(self, lived: Life, name: str, vnf: str, task: str, body: dict[str, Any]) -> None:
        """Carry an operation through, and compare the inventory with the VIM."""
        lived.outcomes.pop(name, None)
        try:
            occurrence, _ = await self.ask("POST", f"{vnf}/{task}", body)
        except Stopped as refused:
            raise Stopped(name, *refused.args) from None
        ended = await self.until(occurrence, "operationState", *ENDED)
        if ended["operationState"] != "COMPLETED":
            why = ended["error"]["detail"]
            if ended["operationState"] == "FAILED_TEMP":
                await self.ask("POST", f"{occurrence}/rollback")
                await self.until(occurrence, "operationState", "ROLLED_BACK", "FAILED_TEMP")
            raise Stopped(name, why)
        if "/ns_instances/" in vnf:
            lived.outcomes[name] = DONE
            return
        _, instance = await self.ask("GET", vnf)
        there = await asyncio.to_thread(self._owned)
        told = sorted(_told(instance.get("instantiatedVnfInfo", {})))
        if told != there:
            raise Stopped(
                name, f"the inventory has {len(told)} resources and the VIM {len(there)}: {set(told) ^ set(there)}"
            )
        lived.outcomes[name] = DONE

    def _links(self, flavour: Flavour, network: str) -> list[dict[str, Any]]:
        points = [
            {"cpdId": point, "cpConfig": {"1": {"cpProtocolData": [_ANY_ADDRESS]}}}
            for point in flavour.external_connection_points
        ]
        link = {"id": network, "vimConnectionId": self._vim, "resourceId": self._networks[network], "extCps": points}
        return [link] if points else []

    def _provide_images(self, vnfd: Vnfd) -> None:
        """Have the images on the VIM that the package only names, as its author expects."""
        with self._store.transaction() as connection:
            for image in _images(vnfd):
                there = connection.execute("SELECT 1 FROM resources WHERE kind = 'image' AND name = ?", (image.name,))
                if there.fetchone() is None:  # without a digest, so that any that is asked for will do
                    spec = ImageSpec(name=image.name)
                    insert(connection, "resources", catalogue_row(spec, self._store.clock()))

    def _owned(self) -> list[str]:
        kinds = "('server', 'volume', 'network', 'port')"
        with self._store.transaction() as connection:
            rows = connection.execute(
                f"SELECT id FROM resources WHERE owner IS NOT NULL AND owner != ? AND kind IN {kinds}",  # fixed
                (OUTSIDE,),
            )
            return sorted(row["id"] for row in rows)


_PATIENCE_SECONDS = 60
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY_ADDRESS = {
    "layerProtocol": "IP_OVER_ETHERNET",
    "ipOverEthernet": {"ipAddresses": [{"type": "IPV4", "numDynamicAddresses": 1}]},
}


def _told(info: Any) -> Iterator[str]:
    """Yield the identifiers of everything on the VIM that the inventory names as the VNF's."""
    yield from (vnfc["computeResource"]["resourceId"] for vnfc in info.get("vnfcResourceInfo", ()))
    yield from (one["storageResource"]["resourceId"] for one in info.get("virtualStorageResourceInfo", ()))
    for link in info.get("vnfVirtualLinkResourceInfo", ()):
        yield link["networkResource"]["resourceId"]
        yield from (port["resourceHandle"]["resourceId"] for port in link.get("vnfLinkPorts", ()))
    for link in info.get("extVirtualLinkInfo", ()):
        yield from (port["resourceHandle"]["resourceId"] for port in link.get("extLinkPorts", ()))


@asynccontextmanager
async def operator(directory: Path) -> AsyncIterator[Operator]:
    """Serve in this process, with a simulated VIM that answers at once and has two networks."""
    settings = Settings(scripts="off", data_dir=directory / "data", port=0)
    async with (
        build_application(settings) as application,
        serving(application, host="127.0.0.1", port=0) as url,
        ClientSession() as session,
    ):
        store = Store(directory / "data" / "simulated-vim.sqlite")
        await asyncio.to_thread(_prepare, store)
        vim = connect(VimConnection(id="v", vim_type="SIMULATED", interface_info={"path": str(store.path)}))
        networks = {name: await _network(vim, name, number) for number, name in enumerate(("outside", "elsewhere"))}
        await vim.aclose()
        someone = Operator(session, str(url).rstrip("/"), store, networks)
        await someone.begin()
        yield someone
        await asyncio.to_thread(store.close)


def _prepare(store: Store) -> None:
    with store.transaction() as connection:
        for key in DEFAULTS:
            set_setting(connection, key, 0.0)


async def _network(vim: SimulatedVim, name: str, number: int) -> str:
    made = await vim.ensure_present(NetworkSpec(name=name), Identity(owner=OUTSIDE, path=name))
    subnet = SubnetSpec(name=name, network=made.handle.id, cidr=f"10.{number}.0.0/20")
    await vim.ensure_present(subnet, Identity(owner=OUTSIDE, path=f"{name}/subnet"))
    return made.handle.id


def _images(vnfd: Vnfd) -> Iterator[SoftwareImage]:
    """Yield the images that the package only names."""
    for flavour in vnfd.flavours.values():
        for holder in (*flavour.vdus.values(), *flavour.storages.values()):
            if holder.image and not (holder.image.artifact and holder.image.artifact.in_package):
                yield holder.image


def _companion(package: Path, candidates: list[Path]) -> Path:
    """Return the candidate that comes from where the package does: the one whose name begins most like its name."""

    def alike(other: Path) -> int:
        return len(os.path.commonprefix([other.name, package.name]))  # noqa: RUF071  # of names, by character

    return max(candidates, key=alike)


def _has_kubernetes_resources(package: Path) -> bool:
    with zipfile.ZipFile(package) as archive:
        return any("/kubernetes/" in member for member in archive.namelist())


def _needed(nsd: Nsd) -> Iterator[str]:
    """Yield the identifiers of the descriptors that an NSD is made of."""
    for flavour in nsd.flavours.values():
        yield from (profile.vnfd_id for profile in flavour.vnf_profiles.values())
        yield from (nested.nsd_id for nested in flavour.nested.values())


def _with_identity_of_its_own(package: Path, directory: Path) -> Path:
    """Copy a package with another vnfdId, as its project's own tests do before they onboard two versions of it."""
    vnfd = read_package(package).vnfd
    assert vnfd is not None
    copy = directory / package.name
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(copy, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(
                member, content.replace(vnfd.id.encode(), str(uuid.uuid5(uuid.UUID(vnfd.id), "next")).encode())
            )
    return copy


@functools.cache
def read(package: Path) -> Onboarded:
    """Read a package once."""
    return read_package(package)


def packages() -> list[Path]:
    """Return the packages of the projects."""
    return [path for project in PROJECTS for path in sorted((CORPUS / project).glob("*.csar"))]


async def lives(some: list[Path]) -> list[Life]:
    """Live these, one after the other on the same server."""
    with tempfile.TemporaryDirectory() as directory:
        async with operator(Path(directory)) as someone:
            return [await someone.life(package) for package in some]
