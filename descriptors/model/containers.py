"""Container workloads: groups of containers, the containers in them, and the packages that deploy them."""

from __future__ import annotations

from typing import Any

from descriptors.model.record import Model
from descriptors.model.resources import Artifact, CpuPinning, HugePages, LogicalNode, SoftwareImage


class OsContainer(Model, frozen=True, kw_only=True, omit_defaults=True):
    """One container (Vdu.OsContainer)."""

    id: str
    name: str
    description: str = ""
    cpu_millicores: int = 0
    """Processor time that is asked for; 0: nothing is said."""
    cpu_limit_millicores: int = 0
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    ephemeral_storage_bytes: int = 0
    ephemeral_storage_limit_bytes: int = 0
    cpu_pinning: CpuPinning | None = None
    huge_pages: tuple[HugePages, ...] = ()
    extended_resources: dict[str, int] = {}
    """Amount by name of a resource of the cluster (GPUs, devices)."""
    images: tuple[SoftwareImage, ...] = ()


class DeployableUnit(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A group of containers that are placed and scaled together (Vdu.OsContainerDeployableUnit): a pod."""

    id: str
    name: str
    description: str = ""
    containers: tuple[OsContainer, ...] = ()
    storages: tuple[str, ...] = ()
    min_instances: int = 1
    max_instances: int = 1
    bounded: bool = True
    """As of a VDU."""
    mcio_name: str = ""
    """Name of the object of the container cluster that it becomes."""
    mcio_type: str = ""
    """Kind of that object: Deployment, StatefulSet ..."""
    mcio_constraint_params: tuple[str, ...] = ()
    """Constraints that the package's templates take as parameters: mcioAffinityLabels ..."""
    logical_nodes: tuple[LogicalNode, ...] = ()
    requested_capabilities: dict[str, dict[str, str]] = {}
    nfvi_constraints: dict[str, str] = {}
    configurable_properties: dict[str, Any] = {}


class Mciop(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A package of container objects: a Helm chart."""

    id: str
    units: tuple[str, ...] = ()
    """Deployable units that it deploys."""
    charts: tuple[Artifact, ...] = ()
