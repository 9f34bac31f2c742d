"""What a VNFD names to be measured of a VNF (SOL001 MonitoringParameter)."""

from __future__ import annotations

from descriptors.model.vnfd import Vnfd
from vnfm.planning.shape import Shape
from vnfm.sol003.instances import MonitoringParameter


def measured(vnfd: Vnfd, shape: Shape) -> tuple[MonitoringParameter, ...]:
    """Return what is measured of a VNF of this shape: of the whole, of the VDUs that it has, of its virtual links.

    Each is told once, by its key in the VNFD; one that no measurement is named for cannot be told of.
    """
    flavour = vnfd.flavours[shape.flavour_id]
    counts = flavour.vdu_instances(shape.scale_levels, shape.level_id)
    places = (
        flavour.monitoring_parameters,
        *(vdu.monitoring_parameters for vdu in flavour.vdus.values() if counts[vdu.id]),
        *(link.monitoring_parameters for link in flavour.virtual_links.values()),
    )
    found = {
        key: MonitoringParameter(id=key, name=parameter.name or None, performance_metric=parameter.performance_metric)
        for place in places
        for key, parameter in place.items()
        if parameter.performance_metric
    }
    return tuple(found.values())
