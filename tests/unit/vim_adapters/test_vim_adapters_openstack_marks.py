from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vim_adapters.contract import Identity
from vim_adapters.openstack import marks

TEXT = st.text(min_size=1, max_size=120)
IDENTITIES = st.builds(Identity, owner=TEXT, path=TEXT)
LONG = Identity(owner="mano-0199d5a0-7c0e-7000-8000-000000000001", path="ns/" + "deep/" * 60 + "größe,1")


@given(IDENTITIES)
def test_tags_and_metadata_tell_what_was_written(identity):
    """Owner, path, digest and time come back from tags and from metadata, whatever characters they have."""
    written = marks.marked_now(identity, "0123456789abcdef" * 2)
    assert marks.from_tags(marks.as_tags(written)) == written
    assert marks.from_metadata(marks.as_metadata(written)) == written


def test_every_service_takes_the_tags():
    """Tags are short, distinct, and free of what Nova and Neutron refuse in one or in a list of them."""
    tags = marks.as_tags(marks.marked_now(LONG, "f" * 32))
    assert len(tags) == len(set(tags)) < 50
    assert all(len(tag) <= 60 and not set(tag) & set("/, +*?[](){}|\\^$") and tag.isascii() for tag in tags)


def test_what_is_looked_up_is_written():
    """The tags and metadata that an identity and an owner are looked up by are among those that are written."""
    written = marks.marked_now(LONG, "f" * 32)
    assert {marks.key_tag(LONG), *marks.owner_tags(LONG.owner)} <= {*marks.as_tags(written)}
    metadata = marks.as_metadata(written).items()
    assert marks.key_metadata(LONG).items() | marks.owner_metadata(LONG.owner).items() <= metadata


@given(IDENTITIES.filter(lambda one: " " not in one.owner))
def test_a_description_is_completed_by_tags(identity):
    """The description alone tells an identity, but for the end of a long path; with the tags everything is told."""
    written = marks.marked_now(identity, "f" * 32)
    description = marks.as_description(identity)
    assert len(description) <= 255
    assert marks.from_description(description, marks.beside_description(written)) == written
    half = marks.from_description(description, [])
    assert (half.identity.owner, half.digest, half.created_at) == (identity.owner, "", "")
    assert marks.from_description("a network of mine", marks.as_tags(written)) is None


@given(IDENTITIES, IDENTITIES)
def test_keys_tell_identities_apart(one, other):
    """Two identities share a key only when they are the same."""
    assert (marks.key(one) == marks.key(other)) == (one == other)


def test_a_name_is_a_mark_too():
    """What bears nothing but a name is found by it; of a long path the name keeps the beginning."""
    short = marks.marked_now(Identity(owner="mano-1", path="vnf/1/group 1"), "f" * 32)
    assert marks.from_name(marks.as_name(short)) == short
    long = marks.marked_now(LONG, "f" * 32)
    name = marks.as_name(long)
    assert len(name) <= 255
    assert marks.name_bears(name, LONG)
    assert not marks.name_bears(name, short.identity)
    assert marks.from_name(name).identity.owner == LONG.owner
    assert LONG.path.startswith(marks.from_name(name).identity.path.removesuffix("~~"))


def test_what_others_wrote_is_not_ours():
    """Tags, metadata and names of others are no marks, even where they look a little like ours."""
    assert marks.from_tags(["mano.key=1", "web", "mano.owner"]) is None
    assert marks.from_metadata({"owner": "somebody"}) is None
    assert marks.from_name("mano web servers") is None
