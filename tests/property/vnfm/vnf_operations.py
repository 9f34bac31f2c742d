"""What is asked of a VNF in its random life: any operation, as its name and its request."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st
from vnfm_examples import FIREWALL, UPGRADED

from vnfm.sol003.general import ScaleInfo
from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.operation_occurrences import VnfcInfoModifications
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeVnfFlavourRequest,
    HealVnfRequest,
    OperateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    StopType,
    TerminateVnfRequest,
    TerminationType,
    VnfInfoModificationRequest,
)

NETWORKS = ("outside", "other")
VNFCS = ("vdu/firewall/0", "vdu/database/0", "vdu/cache/0")
vnfcs = st.lists(st.sampled_from(VNFCS), unique=True, max_size=2).map(tuple)
a_vnfc = st.sampled_from([None, *VNFCS])
"""One, or all of them."""
patches = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([None, 1, {"b": None}, {"b": 2, "c": 3}]) for name in "ab"}
)
"""Merge patches of an instance's attributes."""
in_batches = st.sampled_from([{}, {"upgradeType": "ROLLING"}, {"upgradeType": "ROLLING", "batchSize": 2}])
in_any_way = st.one_of(in_batches, st.just({"upgradeType": "BLUE_GREEN"}))
"""How VNFCs make place for their successors, where they do so."""
operations = st.one_of(
    st.just(("instantiate", None)),
    st.builds(ScaleVnfRequest, type=st.sampled_from(ScaleType), aspect_id=st.just("throughput")).map(
        lambda request: ("scale", request)
    ),
    st.integers(0, 2).map(
        lambda level: (
            "scale_to_level",
            ScaleVnfToLevelRequest(scale_info=(ScaleInfo(aspect_id="throughput", scale_level=level),)),
        )
    ),
    st.one_of(
        st.builds(OperateVnfRequest, change_state_to=st.just(VnfOperationalState.STARTED), vnfc_instance_id=vnfcs),
        st.builds(
            OperateVnfRequest,
            change_state_to=st.just(VnfOperationalState.STOPPED),
            vnfc_instance_id=vnfcs,
            stop_type=st.sampled_from([None, StopType.FORCEFUL]),
        ),
        st.builds(
            OperateVnfRequest,
            change_state_to=st.just(VnfOperationalState.STOPPED),
            vnfc_instance_id=vnfcs,
            stop_type=st.just(StopType.GRACEFUL),
            graceful_stop_timeout=st.just(1),
        ),
    ).map(lambda request: ("operate", request)),
    st.builds(
        HealVnfRequest,
        cause=st.sampled_from([None, "disk errors"]),
        vnfc_instance_id=vnfcs,
        additional_params=st.builds(lambda whole, way: {"all": whole, **way}, st.booleans(), in_batches),
    ).map(lambda request: ("heal", request)),
    st.builds(
        ChangeVnfFlavourRequest,
        new_flavour_id=st.sampled_from(["simple", "large"]),
        additional_params=in_any_way,
        extensions=patches,
    ).map(lambda request: ("change_flavour", request)),
    st.sampled_from(NETWORKS).map(lambda network: ("change_ext_conn", network)),
    st.builds(
        ChangeCurrentVnfPkgRequest, vnfd_id=st.sampled_from([FIREWALL.id, UPGRADED.id]), additional_params=in_any_way
    ).map(lambda request: ("change_vnfpkg", request)),
    st.builds(
        VnfInfoModificationRequest,
        vnf_instance_name=st.sampled_from([msgspec.UNSET, None, "another"]),
        metadata=patches,
        extensions=patches,
        vnf_configurable_properties=patches,
    ).map(lambda request: ("modify", request)),
    st.sampled_from(VNFCS).map(
        lambda vnfc: (
            "modify",
            VnfInfoModificationRequest(
                vnfc_info_modifications=(VnfcInfoModifications(id=vnfc, vnfc_configurable_properties={"a": 1}),)
            ),
        )
    ),
    a_vnfc.map(lambda vnfc: ("create_snapshot", vnfc)),
    st.tuples(st.integers(0, 2), a_vnfc).map(lambda which: ("revert_to_snapshot", which)),
    st.integers(0, 2).map(lambda which: ("delete_snapshot", which)),
    st.sampled_from(TerminationType).map(
        lambda kind: ("terminate", TerminateVnfRequest(termination_type=kind, graceful_termination_timeout=1))
    ),
)
