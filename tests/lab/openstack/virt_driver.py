"""The virt driver of the lab: Nova's fake one, whose ports are real and whose failures come on demand.

The lab puts this file into Nova as ``nova.virt.labfake``. Beyond Nova's fake driver, (1) a host and its servers keep
their identity when nova-compute restarts; (2) ports stand on the host's bridge, so that OVN binds them and Neutron's
ports become ACTIVE and DOWN for real; (3) a server's metadata ``lab_fault`` provokes a failure: ``spawn_abort``,
``spawn_fail`` (which is scheduled anew), ``spawn_slow:SECONDS``, ``reboot_fail``, ``resize_fail``, ``delete_fail`` (the
first time only). A host that is started with ``LAB_FAULT`` in its environment does that to every server.
"""

import io
import os
import subprocess
import time
from pathlib import Path

from nova import exception
from nova.compute import power_state
from nova.image import glance
from nova.virt import fake

RUN = os.environ.get("LAB_OVN_RUN", "")
IMAGES = glance.API()


class LabDriver(fake.FakeDriverWithoutFakeNodes):
    """A hypervisor without guests."""

    _failed = set()

    def _fault(self, instance):
        return os.environ.get("LAB_FAULT") or (instance.metadata or {}).get("lab_fault", "")

    def _vsctl(self, *args):
        socket = Path(RUN) / self._host / "db.sock"
        if args and socket.exists():
            command = ["ovs-vsctl", "--timeout=10", f"--db=unix:{socket}", *args]
            subprocess.run(command, check=True, capture_output=True)

    def _plug(self, instance, vifs):
        args = []
        for vif in vifs or ():
            device = "tap" + vif["id"][:11]
            args += ["--", "--may-exist", "add-port", "br-int", device, "--", "set", "Interface", device]
            args += [f"external_ids:iface-id={vif['id']}", f'external_ids:attached-mac="{vif["address"]}"']
            args += ["external_ids:iface-status=active", f"external_ids:vm-uuid={instance.uuid}"]
        self._vsctl(*args)

    def _unplug(self, vifs):
        args = []
        for vif in vifs or ():
            args += ["--", "--if-exists", "del-port", "br-int", "tap" + vif["id"][:11]]
        self._vsctl(*args)

    def plug_vifs(self, instance, network_info):
        """Plug ports; also called for every server when nova-compute restarts, which has forgotten them."""
        self._plug(instance, network_info)
        if instance.uuid not in self.instances:
            on = instance.power_state != power_state.SHUTDOWN
            state = power_state.RUNNING if on else power_state.SHUTDOWN
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)

    def unplug_vifs(self, instance, network_info):
        """Take ports away."""
        self._unplug(network_info)

    def spawn(self, context, instance, *args, network_info=None, **rest):
        """Start a server, or fail as it asks for."""
        fault = self._fault(instance)
        if fault == "spawn_abort":
            raise exception.BuildAbortException(instance_uuid=instance.uuid, reason="lab_fault")
        if fault == "spawn_fail":
            raise exception.ComputeResourcesUnavailable(reason="lab_fault")
        if fault.startswith("spawn_slow:"):
            time.sleep(float(fault.split(":")[1]))
        super().spawn(context, instance, *args, network_info=network_info, **rest)
        self._plug(instance, network_info)

    def destroy(self, context, instance, network_info, *args, **rest):
        """Remove a server."""
        if self._fault(instance) == "delete_fail" and instance.uuid not in self._failed:
            self._failed.add(instance.uuid)
            raise exception.InstancePowerOffFailure(reason="lab_fault")
        self._unplug(network_info)
        return super().destroy(context, instance, network_info, *args, **rest)

    def snapshot(self, context, instance, image_id, update_task_state):
        """Make an image of a server: a small one, as there is no disk."""
        super().snapshot(context, instance, image_id, update_task_state)
        image = {
            "status": "active",
            "name": IMAGES.get(context, image_id)["name"],
            "disk_format": "raw",
            "container_format": "bare",
            "properties": {},
        }
        IMAGES.update(context, image_id, image, io.BytesIO(instance.uuid.encode()), purge_props=False)

    def reboot(self, context, instance, *args, **rest):
        """Do nothing, as there is no guest."""
        if self._fault(instance) == "reboot_fail":
            raise exception.InstanceRebootFailure(reason="lab_fault")
        return super().reboot(context, instance, *args, **rest)

    def finish_migration(self, context, migration, instance, disk_info, network_info, *args, **rest):
        """Take over a server whose size or host changes."""
        if self._fault(instance) == "resize_fail":
            raise exception.VirtualInterfaceCreateException
        super().finish_migration(context, migration, instance, disk_info, network_info, *args, **rest)
        self._plug(instance, network_info)

    def finish_revert_migration(self, context, instance, network_info, *args, **rest):
        """Take back a server whose size or host was to change."""
        super().finish_revert_migration(context, instance, network_info, *args, **rest)
        self._plug(instance, network_info)

    def migrate_disk_and_power_off(self, context, instance, dest, flavor, network_info, *args, **rest):
        """Let go of a server whose size or host changes."""
        self._unplug(network_info)

    def attach_interface(self, context, instance, image_meta, vif):
        """Plug a port into a running server."""
        super().attach_interface(context, instance, image_meta, vif)
        self._plug(instance, [vif])

    def detach_interface(self, context, instance, vif):
        """Take a port from a running server."""
        self._unplug([vif])
        self._interfaces.setdefault(vif["id"], vif)
        super().detach_interface(context, instance, vif)
