"""What changed between two models, as data and in words."""

import pytest

from descriptors.model.nsd import Nsd
from descriptors.model_diff import difference
from descriptors.model_phrases import noun, phrased


def changes(read_text, before, *edits):
    """Return the changes that edits of a descriptor's text make, in words."""
    after = before
    for old, new in edits:
        assert old in after
        after = after.replace(old, new)
    return difference(read_text(before).vnfd, read_text(after).vnfd)


def test_nothing_changed_is_nothing(read_text, vnfd_text):
    """Comments, order and notation are not the model."""
    assert changes(read_text, vnfd_text, ("provider: Acme", 'provider: "Acme"  # us')) == ()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("num_virtual_cpu: 2", "num_virtual_cpu: 4", ["flavour small, VDU worker: vcpus 2 → 4"]),
        ("virtual_mem_size: 1 GiB", "virtual_mem_size: 2 GB", ["flavour small, VDU worker: memory 1 GiB → 2 GB"]),
        ("{ root: 1000 }", "{ root: 5000000 }",
         ["flavour small, virtual link inside: max bitrate root 1 kbit/s → 5 Mbit/s"]),
        ('software_version: "1.0"', 'software_version: "1.1"', ["software version 1.0 → 1.1"]),
        ("description: forwards", 'description: ""', ["flavour small, VDU worker: description forwards removed"]),
        ("hash: 00ff", "hash: 00fe", ["flavour small, VDU worker, image: checksum 00ff → 00fe"]),
        ("    port_out:", "    port_far:",
         ["flavour small: connection point port_out removed", "flavour small: connection point port_far added",
          "flavour small: external connection point port_out removed",
          "flavour small: external connection point port_far added"]),
    ],
)  # fmt: skip
def test_a_change_is_told_in_terms_of_the_model(read_text, vnfd_text, before, after, told):
    """The part that it is in, what it was and what it is, with units."""
    assert [str(change) for change in changes(read_text, vnfd_text, (before, after))] == told


def test_a_change_is_data(read_text, vnfd_text):
    """Programs get the path, and both values in built-in types."""
    (change,) = changes(read_text, vnfd_text, ("num_virtual_cpu: 2", "num_virtual_cpu: 4"))
    assert (change.path, change.before, change.after, change.kind) == (
        ("flavours", "small", "vdus", "worker", "vcpus"), 2, 4, "changed",
    )  # fmt: skip
    gone, come, *_ = changes(read_text, vnfd_text, ("    port_out:", "    port_far:"))
    assert (gone.kind, gone.path[-1], gone.before["vdu"], gone.after) == ("removed", "port_out", "worker", None)
    assert (come.kind, come.path[-1], come.before) == ("added", "port_far", None)


def test_different_things_are_not_compared(read_text, vnfd_text):
    """A VNFD does not become an NSD."""
    with pytest.raises(ValueError, match="different things"):
        difference(read_text(vnfd_text).vnfd, Nsd(id="x"))


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("size_bytes", 3 * 2**30, "3 GiB"),
        ("size_bytes", 10**9, "1 GB"),
        ("size_bytes", 16300544, "16300544 B"),
        ("per_vnfc", False, "no"),
        ("order", 0, "0"),
        ("steps", {"a": (1, 2)}, "a 1, 2"),
        ("name", "", "none"),
    ],
)
def test_values_are_written_as_people_write_them(field, value, text):
    """Amounts have the largest unit that leaves them whole."""
    assert phrased(field, value) == text


def test_collections_are_named_after_one_entry():
    """Whatever the model will hold has a name that reads well."""
    names = ("vdus", "virtual_links", "security_group_rules", "configurable_properties", "saps", "access")
    assert [noun(name) for name in names] == [
        "VDU", "virtual link", "security group rule", "configurable property", "SAP", "access",
    ]  # fmt: skip
