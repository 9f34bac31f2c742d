"""Wait until every host and backend serves, and have flavours, zones, volume types and the external network."""

import os
import time

import openstack

PATIENCE_SECONDS = 180
INTERVAL_SECONDS = 0.5
FLAVOURS = (
    ("m1.nano", 1, 64, 1),
    ("m1.tiny", 1, 512, 1),
    ("m1.small", 1, 2048, 20),
    ("m1.medium", 2, 4096, 40),
    ("m1.large", 4, 8192, 80),
    ("m1.toobig", 1500, 900000, 1),
)
VOLUME_TYPES = (
    ("files", {"volume_backend_name": "files"}),
    ("nowhere", {"volume_backend_name": "nowhere"}),  # no back-end has this name: nothing is scheduled
    ("broken", {"volume_backend_name": "files", "lab:fault": "create_fail"}),
    ("sticky", {"volume_backend_name": "files", "lab:fault": "delete_fail"}),
)

cloud = openstack.connect(cloud="lab-admin")
hosts = set(os.environ["HOSTS"].split())
faulty = {host for host in hosts if host.endswith("fault")}


def missing():
    """Say what does not serve yet."""
    up = {hypervisor.name for hypervisor in cloud.compute.hypervisors() if hypervisor.state == "up"}
    placed = {provider.name for provider in cloud.placement.resource_providers()}
    volumes = {service.binary for service in cloud.block_storage.services() if service.state == "up"}
    return [*sorted(hosts - (up & placed)), *sorted({"cinder-scheduler", "cinder-volume"} - volumes)]


end = time.monotonic() + PATIENCE_SECONDS
while lacking := missing():
    if time.monotonic() > end:
        raise SystemExit(f"does not serve after {PATIENCE_SECONDS} s: {', '.join(lacking)}")
    time.sleep(INTERVAL_SECONDS)

present = {flavour.name for flavour in cloud.compute.flavors()}
for name, vcpus, ram, disk in FLAVOURS:
    if name not in present:
        cloud.compute.create_flavor(name=name, vcpus=vcpus, ram=ram, disk=disk)

zones = {aggregate.name: aggregate for aggregate in cloud.compute.aggregates()}
for name, members in (("az1", hosts - faulty), ("fault", faulty)):
    zone = zones.get(name) or cloud.compute.create_aggregate(name=name, availability_zone=name)
    for host in sorted(members - set(zone.hosts or ())):
        cloud.compute.add_host_to_aggregate(zone, host)

types = {one.name for one in cloud.block_storage.types()}
for name, specs in VOLUME_TYPES:
    if name not in types:
        cloud.block_storage.create_type(name=name, extra_specs=specs)

if not cloud.network.find_network("public"):
    public = cloud.network.create_network(
        name="public",
        is_router_external=True,
        provider_network_type="flat",
        provider_physical_network="public",
    )
    cloud.network.create_subnet(
        name="public-subnet", network_id=public.id, ip_version=4, cidr="203.0.113.0/24", enable_dhcp=False
    )
