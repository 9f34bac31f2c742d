from __future__ import annotations

import io
import os

import pytest
import pytest_asyncio

from vim_adapters.conformance import AdapterConformance
from vim_adapters.conformance.bench import Bench
from vim_adapters.conformance.honesty import HonestyPromises
from vim_adapters.conformance.traffic import TrafficPromises
from vim_adapters.connection import VimConnection
from vim_adapters.guarded import Guarded
from vim_adapters.openstack.access import access_of
from vim_adapters.openstack.adapter import connect
from vim_adapters.resources import ImageSpec, kind_of

CLOUD = os.environ.get("MANO_OPENSTACK_CLOUD")
ADMINISTRATOR = os.environ.get("MANO_OPENSTACK_ADMIN_CLOUD")
_IMAGE = "mano-conformance"

pytestmark = pytest.mark.skipif(
    not CLOUD, reason="needs an OpenStack: MANO_OPENSTACK_CLOUD names a cloud of clouds.yaml (`make test-openstack`)"
)


def _connection(cloud):
    return VimConnection(id="lab", vim_type="OPENSTACK", interface_info={"cloud": cloud})


@pytest.fixture(scope="module")
def cloud_image():
    """An image that nobody's marks are on, under the digest that Glance made of it."""
    from vim_adapters.openstack.session import Session  # noqa: PLC0415  # openstacksdk is slow to import

    session = Session(access_of(_connection(CLOUD)))
    if not session.list("image", "/images", "images", name=_IMAGE):
        made = session.post("image", "/images", {"name": _IMAGE, "disk_format": "raw", "container_format": "bare"})
        session.upload("image", f"/images/{made['id']}/file", io.BytesIO(b"\0" * 65536))
    image = session.list("image", "/images", "images", name=_IMAGE)[0]
    session.close()
    return ImageSpec(
        name=_IMAGE, checksum_algorithm=image["os_hash_algo"], checksum=image["os_hash_value"], disk_format="raw"
    )


class _Suite(Bench):
    """What the promises are held against: the cloud that the environment names."""

    vim_type = "OPENSTACK"
    cloud = CLOUD
    poll_seconds = 0.3
    patience_seconds = 90.0

    @pytest_asyncio.fixture
    async def vim(self, cloud_image):
        type(self).found_image = cloud_image
        self.adapter = connect(_connection(self.cloud))
        guarded = Guarded(self.adapter, kind=self.vim_type)
        await guarded.check_access()
        yield guarded
        await guarded.aclose()

    async def make_twin(self, vim, spec, identity):
        cloud = await self.adapter._opened()
        await self.adapter._in_thread(lambda: cloud._collections[kind_of(spec)].create(spec, identity))


class TestAsMember(_Suite, AdapterConformance):
    """The adapter keeps the contract on a real control plane, behind its guard as in the server."""


@pytest.mark.skipif(not ADMINISTRATOR, reason="needs MANO_OPENSTACK_ADMIN_CLOUD, a cloud of clouds.yaml")
class TestAsAdministrator(_Suite, TrafficPromises, HonestyPromises):
    """What a member may not: QoS policies, and a look at the hosts."""

    cloud = ADMINISTRATOR
