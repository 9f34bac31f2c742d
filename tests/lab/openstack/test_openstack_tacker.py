"""The packages of Tacker's own functional tests live on a live OpenStack."""

from __future__ import annotations

import asyncio
import os
import re
import uuid
import zipfile

import pytest
import pytest_asyncio
from example_packages import packed
from lab_tenant import manager, records, tenant

from descriptors.onboarding import read_package

ADMINISTRATOR = os.environ.get("MANO_OPENSTACK_ADMIN_CLOUD")

pytestmark = [
    pytest.mark.skipif(
        not ADMINISTRATOR, reason="needs MANO_OPENSTACK_ADMIN_CLOUD, a cloud of the lab (`make test-openstack`)"
    ),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(600),
    *(
        pytest.mark.filterwarnings(f"ignore::openstack.warnings.{name}")  # openstacksdk warns of its own code
        for name in ("RemovedInSDK50Warning", "RemovedInSDK60Warning", "OpenStackDeprecationWarning")
    ),
]


_IDENTIFIER = re.compile(rb"b1bb0ce7-ebca-4fa7-95ed-4840d7000000")
_RDMA = re.compile(rb"rdma_enabled: true")
_KEPT_FREE = re.compile(rb" *min_bitrate_requirements:\n *root: \d+\n(?: *leaf: \d+\n)?")


@pytest.fixture(scope="module")
def project():
    with tenant(ADMINISTRATOR, role="admin") as made:  # the packages ask for bit rates
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory, project):
    async with manager(tmp_path_factory.mktemp("tacker"), project) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def mano(served):
    """The server, and at the end of each test nothing in its catalogue and on its project."""
    yield served
    await served.remove_packages()
    assert await asyncio.to_thread(served.tenant.found, images=False) == {}


@pytest.fixture
def onboarded(shared, mano, tmp_path):
    """Return what onboards one of Tacker's packages and returns its VNFD."""

    async def onboard(name):
        path = tmp_path / f"{name}.csar"
        path.write_bytes(renewed(shared / "corpus" / "open" / "packages" / "tacker" / path.name))
        found = await asyncio.to_thread(read_package, path)
        assert found.vnfd, found.diagnostics
        images = found.vnfd.software_images().values()
        await asyncio.to_thread(provided, mano.tenant.cloud.image, images)
        assert await mano.onboard(path.read_bytes()) == found.vnfd.id
        return found.vnfd

    return onboard


def renewed(path):
    """Return a package with an identifier of its own, as Tacker's tests give each before they upload it.

    It asks for nothing that this cloud cannot: overlays of OVN keep no bandwidth free, and volumes are files.
    """
    new = str(uuid.uuid4()).encode()
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    for pattern, text in ((_IDENTIFIER, new), (_KEPT_FREE, b""), (_RDMA, b"rdma_enabled: false")):
        files = {name: pattern.sub(text, content) for name, content in files.items()}
    return packed(files)


def provided(glance, images):
    """Have those images on the cloud that packages name and do not carry, as an operator would."""
    for image in images:
        if next(glance.images(name=image.name), None) is None:
            digest = {f"owner_specified.openstack.{image.checksum_algorithm}": image.checksum}
            glance.create_image(
                image.name,
                data=b"\0" * 65536,
                disk_format="raw",
                container_format="bare",
                validate_checksum=False,
                **digest,
            )


async def completed(mano, vnf, task, body):
    """Have an operation carried out, which must go well; the inventory is what is on the cloud."""
    ended = await mano.operation(vnf, task, body)
    assert ended["operationState"] == "COMPLETED", ended.get("error")
    found = await asyncio.to_thread(mano.tenant.found)
    assert records(found) == await mano.inventory(vnf)
    return found


def points(flavour):
    return list(flavour.external_connection_points)


@pytest.mark.parametrize(
    "name",
    [
        "sol_v2_common-basic_lcms_min",
        "sol_v2_common-basic_lcms_max",
    ],
)
async def test_packages_of_tackers_functional_tests_live(mano, onboarded, name):
    """Instantiated with all they have, scaled out and in along an aspect, and gone without a trace."""
    vnfd = await onboarded(name)
    flavour = vnfd.flavours[vnfd.default_flavour or next(iter(vnfd.flavours))]
    vnf = await mano.create(vnfd.id)
    body = {"flavourId": flavour.id, "extVirtualLinks": mano.links(*points(flavour), instances=3)}
    before = await completed(mano, vnf, "instantiate", body)
    assert len(before["server"]) == sum(flavour.initial_instances.values())
    for aspect in list(flavour.aspects)[:1]:
        grown = await completed(mano, vnf, "scale", {"type": "SCALE_OUT", "aspectId": aspect})
        assert len(grown["server"]) > len(before["server"])
        shrunk = await completed(mano, vnf, "scale", {"type": "SCALE_IN", "aspectId": aspect})
        assert shrunk == before
    await completed(mano, vnf, "terminate", {"terminationType": "FORCEFUL"})
    await mano.server.request("DELETE", vnf, 204)


async def test_a_package_of_tackers_is_changed_to_its_successor(mano, onboarded):
    """A VNF of the old package gets the images of the new one."""
    old = await onboarded("sol_v2_common-test_instantiate_vnf_with_old_image_or_volume")
    new = await onboarded("sol_v2_common-test_change_vnf_pkg_with_new_image")
    vnf = await mano.create(old.id)
    links = mano.links(*points(old.flavours["simple"]), instances=3)
    before = await completed(mano, vnf, "instantiate", {"flavourId": "simple", "extVirtualLinks": links})
    changed = await completed(mano, vnf, "change_vnfpkg", {"vnfdId": new.id})
    assert len(changed["server"]) == len(before["server"])
    assert changed["server"] != before["server"]
    await completed(mano, vnf, "terminate", {"terminationType": "FORCEFUL"})
    await mano.server.request("DELETE", vnf, 204)
