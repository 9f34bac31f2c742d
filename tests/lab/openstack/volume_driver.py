"""The volume driver of the lab: every volume and every snapshot is a sparse file.

The lab puts this file into Cinder as ``cinder.volume.drivers.labfiles``. Nothing serves the files to a host, as no host
has guests; all of Cinder's and Nova's own steps of attaching and detaching are the real ones. A volume type whose extra
spec ``lab:fault`` is ``create_fail`` or ``delete_fail`` provokes that.
"""

import shutil
from pathlib import Path

from cinder import exception, interface
from cinder.volume import driver
from oslo_config import cfg

GIB = 1 << 30
CAPACITY_GIB = 4000


@interface.volumedriver
class LabFiles(driver.VolumeDriver):
    """Volumes as files under the state path of Cinder."""

    VERSION = "1.0.0"

    def do_setup(self, context):
        """Make the folder."""
        self._folder = Path(cfg.CONF.state_path) / "volumes"
        self._folder.mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self):
        """Find none."""

    def _update_volume_stats(self):
        self._stats = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "lab",
            "driver_version": self.VERSION,
            "storage_protocol": "file",
            "total_capacity_gb": CAPACITY_GIB,
            "free_capacity_gb": CAPACITY_GIB,
            "reserved_percentage": 0,
            "multiattach": True,
        }

    def _path(self, thing):
        return self._folder / thing.name

    def _fault(self, volume):
        return volume.volume_type.extra_specs.get("lab:fault") if volume.volume_type else None

    def create_volume(self, volume):
        """Make a file of the size, which takes no room."""
        if self._fault(volume) == "create_fail":
            raise exception.VolumeBackendAPIException(data="lab:fault")
        with self._path(volume).open("wb") as file:
            file.truncate(volume.size * GIB)

    def delete_volume(self, volume):
        """Remove the file."""
        if self._fault(volume) == "delete_fail":
            raise exception.VolumeBackendAPIException(data="lab:fault")
        self._path(volume).unlink(missing_ok=True)

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """Make a volume of an image's content."""
        self.create_volume(volume)
        with self._path(volume).open("r+b") as file:
            image_service.download(context, image_meta["id"], file)
        return {}, True

    def create_snapshot(self, snapshot):
        """Copy the file of the volume."""
        self._copied(self._folder / snapshot.volume_name, self._path(snapshot))

    def delete_snapshot(self, snapshot):
        """Remove the copy."""
        self._path(snapshot).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume, snapshot):
        """Make a volume of a snapshot's content."""
        self._copied(self._path(snapshot), self._path(volume))
        self.extend_volume(volume, volume.size)

    def create_cloned_volume(self, volume, src_vref):
        """Make a volume of another one's content."""
        self._copied(self._path(src_vref), self._path(volume))
        self.extend_volume(volume, volume.size)

    def extend_volume(self, volume, new_size):
        """Lengthen the file."""
        with self._path(volume).open("r+b") as file:
            file.truncate(new_size * GIB)

    def _copied(self, source, target):
        """Copy a file without its holes: what images bring is at its beginning, and small."""
        with source.open("rb") as file, target.open("wb") as copy:
            length = source.stat().st_size
            shutil.copyfileobj(_Head(file), copy)
            copy.truncate(length)

    def ensure_export(self, context, volume):
        """Do nothing: the file is there."""

    def create_export(self, context, volume, connector):
        """Do nothing: the file is there."""

    def remove_export(self, context, volume):
        """Do nothing: the file stays."""

    def initialize_connection(self, volume, connector, **kwargs):
        """Tell the host where the file is."""
        return {"driver_volume_type": "local", "data": {"device_path": str(self._path(volume))}}

    def terminate_connection(self, volume, connector, **kwargs):
        """Do nothing: the host has held nothing open."""


class _Head:
    """The first 64 MiB of a file, which hold more than any image that the lab is given."""

    def __init__(self, file):
        self._file, self._left = file, 64 << 20

    def read(self, size):
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data
