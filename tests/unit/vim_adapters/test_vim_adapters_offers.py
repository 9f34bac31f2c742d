from __future__ import annotations

import pytest

from mano_runtime.workflow.graph import Resource, graph_of, reference, text
from mano_runtime.workflow.plan import Behaviour, difference
from vim_adapters.capabilities import Capabilities, Feature
from vim_adapters.offers import not_offered
from vim_adapters.performer import BEHAVIOURS
from vim_adapters.registry import UnknownVimError
from vim_adapters.resources import Kind, NetworkSpec, PortSpec, ServerSpec, encode_spec

EVERYTHING = Capabilities(kinds=frozenset(Kind), features=frozenset(Feature))
GREETING = text(("I am at ", reference("port", "addresses")))


class Registry:
    """Knows one VIM."""

    def __init__(self, offer):
        self.capabilities = offer

    def adapter(self, vim):
        if vim != "vim-1":
            raise UnknownVimError(vim)
        return self


def asked(offer, *resources, before=()):
    behaviours = {**BEHAVIOURS, "script": Behaviour()}
    plan = difference(graph_of(*before), graph_of(*resources), scope="s", behaviours=behaviours)
    return not_offered(Registry(offer), plan)


def without(*lacking):
    return Capabilities(kinds=EVERYTHING.kinds - set(lacking), features=EVERYTHING.features - set(lacking))


NETWORK = Resource(path="net", kind="network", target="vim-1", spec=encode_spec(NetworkSpec(name="net")))
PORT = Resource(
    path="port",
    kind="port",
    target="vim-1",
    spec=encode_spec(PortSpec(name="port", network=reference("net"), vnic_type="direct")),
)
SERVER = Resource(
    path="server",
    kind="server",
    target="vim-1",
    spec={
        **encode_spec(ServerSpec(name="one", vcpus=1, memory_mib=1, image="i", ports=(reference("port"),))),
        "user_data": GREETING,
    },
)


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        (Kind.PORT, "port 'port' needs what VIM 'vim-1' does not offer: port;"),
        (Feature.VNIC_TYPES, "port 'port' needs what VIM 'vim-1' does not offer: vnic_types;"),
        (Feature.USER_DATA, "server 'server' needs what VIM 'vim-1' does not offer: user_data;"),
    ],
)
def test_what_a_vim_lacks_is_named_with_the_resource(lacking, told):
    """Kinds and features alike, of specs whose references and texts are not known yet."""
    assert asked(without(lacking), NETWORK, PORT, SERVER).startswith(told)


def test_nothing_is_said_of_what_can_be_asked_for():
    """A VIM that can do all that is needed, what exists already, other kinds, and VIMs that are not known."""
    assert asked(EVERYTHING, NETWORK, PORT, SERVER) == ""
    assert asked(without(Kind.TRUNK, Feature.CAPACITY), NETWORK, PORT, SERVER) == ""
    assert asked(without(Kind.NETWORK), NETWORK, before=(NETWORK,)) == ""
    elsewhere = Resource(path="net", kind="network", target="vim-2", spec=NETWORK.spec)
    assert asked(without(Kind.NETWORK), elsewhere, Resource(path="script/1", kind="script", spec={})) == ""
