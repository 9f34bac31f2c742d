"""A change of the package whose mappings say that a storage goes on is refused where its data would be lost."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import CIRROS, FIREWALL, GIB

from descriptors.model.vnfd import ComponentMapping, Flavour, PackageChange, ScalingAspect, Vdu, VirtualStorage
from vnfm.planning.desired_state import desired_state
from vnfm.planning.package_changes import UNTOLD, check_storages, with_names_of
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, vnfcs

ONE = Shape(flavour_id="f")
KINDS = {"vdu": "vdu", "storage": "virtual_storage"}


def flavour(**storages):
    """A flavour, with the storages of each VDU: "all..." is one for all its VNFCs, "web..." an object container."""
    names = {name for of_vdu in storages.values() for name in of_vdu}
    return Flavour(
        id="f",
        vdus={vdu: Vdu(id=vdu, name=vdu, image=CIRROS, storages=tuple(its)) for vdu, its in storages.items()},
        storages={
            name: VirtualStorage(
                id=name,
                size_bytes=GIB,
                type="OBJECT" if name.startswith("web") else "BLOCK",
                per_vnfc=not name.startswith(("all", "web")),
            )
            for name in names
        },
        initial_instances=dict.fromkeys(storages, 1),
        aspects={"a": ScalingAspect(id="a", max_level=2, steps=dict.fromkeys(storages, (1, 1)))},
    )


def way(**mappings):
    """A change with mappings; ``vdu__a="b"`` maps VDU a to b."""
    return PackageChange(
        id="way",
        mappings=tuple(
            ComponentMapping(
                component_type=KINDS[name.split("__")[0]], source_id=name.split("__")[1], destination_id=to
            )
            for name, to in mappings.items()
        ),
    )


def graph_of_vnf(old, shape):
    vnfd = msgspec.structs.replace(FIREWALL, flavours={"f": old})
    return desired_state(vnfd, shape, instance_id="i", label="l").graph


def check(change, old, new, *, shape=ONE, to=None, known=True):
    graph = graph_of_vnf(old, shape)
    check_storages(change, old if known else None, new, with_names_of(change, to or shape), graph)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("change", "old", "new", "mapping", "lost"),
    [
        (way(vdu__a="b"), {"a": ["s"]}, {"b": ["s"]}, "vdu 'a' to 'b'", "vdu/a/0/storage/s"),
        (way(storage__s="t"), {"a": ["s"]}, {"a": ["t"]}, "virtual_storage 's' to 't'", "vdu/a/0/storage/s"),
        (way(vdu__a="b", storage__s="t"), {"a": ["s"]}, {"b": ["t"]}, "storage 's' to 't'", "vdu/a/0/storage/s"),
        (way(vdu__a="b"), {"a": ["all"]}, {"b": ["all"]}, "vdu 'a' to 'b'", "vdu/a/storage/all"),
        (way(storage__all="every"), {"a": ["all"]}, {"a": ["every"]}, "'all' to 'every'", "vdu/a/storage/all"),
        (way(vdu__b="0"), {"a": ["web"], "b": ["web"]}, {"a": ["web"], "0": ["web"]}, "'b' to '0'", "vdu/a/storage"),
        (way(storage__s="t"), {"a": ["s"]}, {"b": ["t"]}, "virtual_storage 's' to 't'", "vdu/a/0/storage/s"),
        (way(vdu__a="b", vdu__b="a"), {"a": ["s"], "b": ["s"]}, {"a": ["s"], "b": ["s"]}, "vdu 'b' to 'a'", "1 more"),
    ],
    ids=["vdu", "storage", "both", "shared by VNFCs", "shared and renamed", "owner of a container", "moved", "swapped"],
)  # fmt: skip
def test_what_would_lose_its_data_is_refused(change, old, new, mapping, lost, known):  # noqa: PLR0917  # parameters
    """With the mapping, the storage and the ways out in the words, also when the package so far is gone."""
    with pytest.raises(PlanningRefusedError) as refused:
        check(change, flavour(**old), flavour(**new), known=known)
    assert refused.value.attribute == "vnfdId"
    for words in ("'way'", mapping, lost, "keep the names in the new VNFD", "take the mappings out"):
        assert words in refused.value.detail


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (UNTOLD, {"a": ["s"]}, {"b": ["s"]}),
        (way(vdu__a="a", storage__s="s"), {"a": ["s"]}, {"a": ["s"]}),
        (way(vdu__a="b"), {"a": []}, {"b": ["s"]}),
        (way(vdu__a="b"), {"a": ["s"]}, {"b": []}),
        (way(vdu__a="b"), {"a": [], "c": ["s"]}, {"b": ["s"], "c": ["s"]}),
        (way(vdu__a="b"), {"a": ["web"], "c": ["web"]}, {"c": []}),
        (way(vdu__z="b"), {"a": ["web"], "z": ["web"]}, {"a": ["web"], "b": ["web"]}),
        (way(storage__s="t"), {"a": ["s"]}, {"a": ["s"]}),
    ],
    ids=["unmapped", "same", "none before", "none after", "another VDU's", "gone", "another owner's", "no such"],
)  # fmt: skip
def test_what_keeps_its_data_or_shall_go_is_not(change, old, new):
    """A VDU or storage may be renamed that has no data, whose data stays, or that the new package has no more."""
    check(change, flavour(**old), flavour(**new))


def test_vnfcs_that_go_take_their_volumes_along():
    """A VNF that is smaller in its new package loses the volumes of VNFCs that it has no more, and may do so."""
    old, new = flavour(a=["s"], b=[]), flavour(a=[], c=["s"])
    three = msgspec.structs.replace(ONE, scale_levels={"a": 2})
    change = way(vdu__a="c")
    graph = {path: it for path, it in graph_of_vnf(old, three).items() if not path.startswith(("vdu/a/0/", "vdu/a/1/"))}
    assert "vdu/a/2/storage/s" in graph
    check_storages(change, old, new, with_names_of(change, ONE), graph)
    with pytest.raises(PlanningRefusedError, match="vdu/a/2/storage/s would"):
        check_storages(change, old, new, with_names_of(change, three), graph)


def test_vnfcs_keep_their_numbers_under_another_name():
    """They began at another one than 0 after a BLUE_GREEN change: their volumes are known by it, and who is stopped."""
    old, new = flavour(a=["s"]), flavour(b=["s"])
    second = msgspec.structs.replace(ONE, first_vnfcs={"a": 3}, stopped=("vdu/a/3",))
    change = way(vdu__a="b")
    shape = with_names_of(change, second)
    assert vnfcs(new, shape) == list(shape.stopped) == ["vdu/b/3"]
    with pytest.raises(PlanningRefusedError, match="vdu/a/3/storage/s would"):
        check(change, old, new, shape=second)


def test_what_an_attempt_has_made_does_not_count():
    """A change that was begun can be tried again: a storage under a name that only the new package has is not lost."""
    old, new = flavour(a=[], b=[]), flavour(b=["s"], c=["s"])
    change = way(vdu__a="b", vdu__b="c")
    begun = {**graph_of_vnf(old, ONE), **graph_of_vnf(new, ONE)}
    check_storages(change, old, new, with_names_of(change, ONE), begun)
