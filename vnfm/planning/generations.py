"""What is made beside what it takes the place of, and so has another path for as long as it lives.

A VNFC gets a number that no VNFC of its VDU has; what VNFCs share gets a generation. Both are kept in the shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from mano_runtime.workflow.graph import Graph, renamed
from vnfm.planning import paths
from vnfm.planning.shape import Shape


def in_generations(graph: Graph, generations: Mapping[str, int]) -> Graph:
    """Return the graph with what VNFCs share in its generation; ``generations`` has those that are not the first."""
    return renamed(graph, partial(with_generation, generations=generations)) if generations else graph


def with_generation(path: str, generations: Mapping[str, int]) -> str:
    """Return the path of a first generation in the generation that it has now."""
    return paths.in_generation(path, generations.get(paths.shared_part(path) or "", 1)) if generations else path


def with_new_generation(shape: Shape, shared: str, taken: Iterable[str]) -> Shape:
    """Return the shape with something that VNFCs share in the first generation that is at no path of ``taken``."""
    known = {paths.generation_of(path) for path in taken if paths.shared_part(path) == shared}
    number = next(number for number in range(1, len(known) + 2) if number not in known)
    return msgspec.structs.replace(shape, generations=shape.generations | {shared: number})


def with_new_vnfcs(shape: Shape, vdu: str, count: int, taken: Iterable[str]) -> Shape:
    """Return the shape with other VNFCs of a VDU: from the lowest number on that leaves every path of ``taken`` alone.

    Those whose predecessor is stopped are stopped, too. None is made from a snapshot.
    """
    parts = (paths.parse_vnfc_part(path) for path in taken)
    known = {part.index for part in parts if part and part.vdu == vdu and part.index is not None}
    starts = (0, *(index + 1 for index in sorted(known)))
    first = next(start for start in starts if known.isdisjoint(range(start, start + count)))
    shift = first - shape.first_vnfcs.get(vdu, 0)
    return msgspec.structs.replace(
        shape,
        first_vnfcs=shape.first_vnfcs | {vdu: first},
        stopped=tuple(sorted(_shifted(vnfc, vdu, shift) for vnfc in shape.stopped)),
        origins={
            path: origin
            for path, origin in shape.origins.items()
            if not (part := paths.parse_vnfc_part(path)) or part.vdu != vdu or not part.vnfc
        },
    )


def _shifted(vnfc: str, vdu: str, shift: int) -> str:
    name, _, index = vnfc.rpartition("/")
    return paths.vnfc(vdu, int(index) + shift) if name == f"vdu/{vdu}" else vnfc
