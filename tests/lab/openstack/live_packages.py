"""The packages of examples/sd-wan as the lab takes them: ten servers, a second flavour, a newer probe."""

from __future__ import annotations

import hashlib

from example_packages import files_of, packed, sealed

CIRROS = ("cirros-0.5.2-x86_64-disk", "932fcae93574e242dc3d772d5235061747dfe537668443a1f0567d893614b464")
"""Name and sha-256 of the image that the examples look for on the VIM."""
FIREWALL = "0c9be5a1-8a35-4a3e-b7c6-3d5ff2b5b8d2"
EDGE_ROUTER = "e1a6bd3c-5f0b-4b0e-9d0f-6c1d1e7c2a41"
PROBE = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3"
NEXT_PROBE = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c4"
AGENTS = 5
SERVERS = 5 + AGENTS
"""How many the service begins with: two of the edge router, three of the firewall, the agents of the probe."""

_DEFINITIONS = "Definitions"
_SERVICE = f"{_DEFINITIONS}/sd_wan_edge.yaml"
_ENCAPSULATED_MTU = 1400
_NO_FLOAT = b"floating_ip_activated: false"
_KEPT_FREE = "          min_bitrate_requirements:\n            root: 10000000\n            leaf: 10000000\n"


def service() -> bytes:
    """Return the service with a firewall of medium size, and links that the lab's overlay can carry."""
    files = files_of("service")
    text = files[_SERVICE].decode()
    for old, new in (
        (
            "flavour_id: scalable\n        vnf_profile:\n          instantiation_level: small",
            "flavour_id: scalable\n        vnf_profile:\n          instantiation_level: medium",
        ),
        ("mtu: 1500", f"mtu: {_ENCAPSULATED_MTU}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return packed(sealed(files | {_SERVICE: text.encode()}))


def firewall() -> bytes:
    """Return the firewall with a second flavour, ``strong``, whose inspection nodes have twice the processors."""
    files = _overlaid(files_of("firewall"), f"{_DEFINITIONS}/firewall_df_scalable.yaml")
    scalable = files[f"{_DEFINITIONS}/firewall_df_scalable.yaml"].decode()
    strong = scalable.replace("flavour_id: scalable", "flavour_id: strong").replace(
        "num_virtual_cpu: 2", "num_virtual_cpu: 4"
    )
    types = files[f"{_DEFINITIONS}/firewall_types.yaml"].decode()
    top = files[f"{_DEFINITIONS}/firewall_top.yaml"].decode()
    manifest = files["firewall.mf"].decode()
    source = f"Source: {_DEFINITIONS}/firewall_df_scalable.yaml\nAlgorithm: SHA-256\nHash: "
    files |= {
        f"{_DEFINITIONS}/firewall_df_strong.yaml": strong.encode(),
        f"{_DEFINITIONS}/firewall_types.yaml": _both(types).encode(),
        f"{_DEFINITIONS}/firewall_top.yaml": _both(top)
        .replace("  - firewall_df_scalable.yaml\n", "  - firewall_df_scalable.yaml\n  - firewall_df_strong.yaml\n")
        .encode(),
        "firewall.mf": manifest.replace(source, f"{source.replace('scalable', 'strong')}0\n\n{source}").encode(),
    }
    return packed(sealed(files))


def probe(*, agents: int = AGENTS) -> bytes:
    """Return the probe with so many agents."""
    return packed(sealed(_agents(files_of("probe"), agents)))


def next_probe(*, agents: int = AGENTS) -> bytes:
    """Return the probe's next version: another descriptor, and another image, which the package carries."""
    files = _agents(files_of("probe"), agents)
    old = files.pop("Files/images/probe-1.0.0.img")
    new = old.replace(b"1.0.0", b"1.1.0")
    assert new != old
    for path in ("Definitions/probe.yaml", "Definitions/probe_types.yaml", "probe.mf"):
        files[path] = files[path].replace(b"1.0.0", b"1.1.0").replace(PROBE.encode(), NEXT_PROBE.encode())
    digests = [hashlib.sha256(content).hexdigest().encode() for content in (old, new)]
    files["Definitions/probe.yaml"] = files["Definitions/probe.yaml"].replace(*digests)
    files["Files/images/probe-1.1.0.img"] = new
    return packed(sealed(files))


def edge_router(*, floating: bool = False) -> bytes:
    """Return the edge router; its control node may be reached from outside."""
    path = f"{_DEFINITIONS}/edge_router.yaml"
    files = _overlaid(files_of("edge-router"), path)
    if floating:
        assert files[path].count(_NO_FLOAT) == 1
        files |= {path: files[path].replace(_NO_FLOAT, _NO_FLOAT.replace(b"false", b"true"))}
    return packed(sealed(files))


def _overlaid(files: dict[str, bytes], path: str) -> dict[str, bytes]:
    """Return the files with internal links as OVN makes them: on Geneve, and without bandwidth that is kept free."""
    text = files[path].decode()
    for old, new in (
        ("network_type: vxlan", "network_type: geneve"),
        ("mtu: 1450", f"mtu: {_ENCAPSULATED_MTU}"),
        (_KEPT_FREE, ""),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return files | {path: text.encode()}


def _both(text: str) -> str:
    changed = text.replace("valid_values: [ scalable ]", "valid_values: [ scalable, strong ]")
    assert changed != text
    return changed


def _agents(files: dict[str, bytes], agents: int) -> dict[str, bytes]:
    path = f"{_DEFINITIONS}/probe.yaml"
    text = files[path].decode()
    for old, new in (
        ("max_number_of_instances: 1", f"max_number_of_instances: {agents}"),
        ("number_of_instances: 1\n\n    - allow", f"number_of_instances: {agents}\n\n    - allow"),
    ):
        assert old in text
        text = text.replace(old, new)
    return files | {path: text.encode()}
