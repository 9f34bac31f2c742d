"""Drafts of one VNFM: what was worked out to check a request is what its operation is planned from."""

from __future__ import annotations

from ns_examples import Descriptors
from vnfm_examples import FIREWALL

from vnfm.inventory.records import VnfRecord
from vnfm.lifecycle import drafts as module
from vnfm.lifecycle.changes import Change
from vnfm.lifecycle.drafts import Drafts
from vnfm.planning.desired_state import desired_state
from vnfm.planning.shape import Shape

RECORD = VnfRecord(
    id="vnf-1",
    label="fw",
    vnfd_id=FIREWALL.id,
    provider="",
    product_name="",
    software_version="",
    vnfd_version="",
)


async def test_what_a_request_was_checked_with_is_worked_out_once(monkeypatch):
    """Another wish, and another VNFM, are worked out anew."""
    worked_out = []

    def counted(vnfd, shape, **more):
        worked_out.append(shape)
        return desired_state(vnfd, shape, **more)

    monkeypatch.setattr(module, "desired_state", counted)
    small, large = (Shape(flavour_id="simple", scale_levels={"throughput": level}) for level in (0, 1))
    drafts = Drafts(Descriptors())
    for shape in (small, large):
        change = Change(vnfd=FIREWALL, shape=shape)
        await drafts.check(RECORD, change)
        drafted = (await drafts.begun(RECORD, change)).desired(change)
        fresh = (await Drafts(Descriptors()).begun(RECORD, change)).desired(change)
        assert drafted == fresh
    assert worked_out == [small, small, large, large]
