"""What an operator can set; docs/reference/settings.md explains each setting.

A setting comes from the command line, else from the environment (``MANO_`` and the name in capitals), else
from its default here. The defaults make a server for one machine that needs no configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

PREFIX = "MANO_"

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[int, Meta(ge=0)]


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable and what it accepts."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one server; a value, read once when the process starts."""

    host: str = "127.0.0.1"
    """Address to listen on; the default is reachable from this machine only."""
    port: Port = 8484
    """TCP port of all REST interfaces; 0 lets the system choose one."""
    or_vnfm_port: Port | None = None
    """TCP port of what VNFMs use (Or-Vnfm, SOL003), alone; None: it is on ``port``; 0 lets the system choose one."""
    role: Literal["all", "nfvo", "vnfm"] = "all"
    """What this process is: NFVO and VNFM in one, or one of them; the other one is then somewhere else."""
    nfvo: str = ""
    """URL of the NFVO, for the role ``vnfm``: where ``/grant/v1`` and ``/vnfpkgm/v2`` are below."""
    vnfm: str = ""
    """URL of the VNFM, for the role ``nfvo``: where ``/vnflcm/v2`` is below."""
    peer_client: str = ""
    """User name, or client identifier, that is shown to the other one; empty: it asks for none."""
    peer_secret_file: Path = Path("peer-secret")
    """File with the password, or client secret, that goes with it; below the data directory unless absolute."""
    peer_token_url: str = ""
    """Where tokens are had for the other one (OAuth 2.0 client credentials); empty: HTTP Basic."""
    grant_patience: Count = 60 * 60
    """Seconds that the NFVO may be away, or undecided, before an operation that waits for its grant is given up."""
    data_dir: Path = Path("data")
    """Directory of the database, the packages and the embedded simulated VIM; made when absent."""
    database_url: str = ""
    """URL of a PostgreSQL database, ``postgresql://USER@HOST/DATABASE``; empty: a file in the data directory."""
    log_format: Literal["console", "json"] = "console"
    """How the log is written to stderr: for people or for machines, one event a line either way."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important events that are logged."""
    access: Literal["open", "clients"] = "open"
    """Who may use the REST interfaces: everybody, on loopback only; or clients that show a token of ours."""
    oidc_issuer: str = ""
    """Issuer identifier (URL) of an OpenID provider whose tokens are good as well; empty: ours only."""
    oidc_audience: str = "mano"
    """What its tokens must be meant for (``aud``)."""
    oidc_roles_claim: str = "roles"
    """Claim of its tokens with names of roles; dots lead into objects."""
    oidc_tenant_claim: str = "mano_tenant"
    """Claim of its tokens with the name of the tenant; dots lead into objects; absent: the default tenant."""
    tls_certificate: str = ""
    """File of our certificate (PEM), with which all interfaces speak HTTPS; empty: they speak HTTP."""
    tls_key: str = ""
    """File of its key."""
    tls_client_ca: str = ""
    """File of the authorities of which clients must have a certificate; empty: they need none."""
    token_lifetime: Annotated[int, Meta(ge=30)] = 15 * 60
    """Seconds that a token is good."""
    signing_key_age: Count = 30 * 24 * 60 * 60
    """Seconds after which tokens are signed with a new key."""
    audit_age: Count = 90 * 24 * 60 * 60
    """Seconds after which an entry of the audit log is removed."""
    page_size: Annotated[int, Meta(ge=0)] = 100
    """Entries on one page of a list; 0: lists are answered whole, up to ``list_limit``."""
    list_limit: Count = 1000
    """Entries of a list that is answered whole; a longer one is refused as too big (400)."""
    body_limit: Count = 4 * 1024 * 1024
    """Largest JSON body of a request in bytes; uploads of packages are not counted."""
    upload_limit: Count = 16 * 1024**3
    """Largest package that can be uploaded, in bytes."""
    download_seconds: Count = 4 * 60 * 60
    """Seconds that fetching a package from a URI may take."""
    secret_key_file: Path = Path("secret.key")
    """File of the keys that credentials are sealed with; below the data directory unless absolute."""
    package_members: Count = 20_000
    """Files and directories in a package; an archive with more is refused before its directory is read."""
    package_member_bytes: Count = 64 * 1024**3
    """Unpacked size of one file of a package."""
    package_total_bytes: Count = 256 * 1024**3
    """Unpacked size of all files of a package together."""
    package_ratio: Count = 200
    """Unpacked to packed size of a file, judged from ``package_ratio_from_bytes`` on."""
    package_ratio_from_bytes: Count = 16 * 1024**2
    """Unpacked size from which the ratio is judged."""
    package_path_characters: Count = 1_000
    """Length of the name of a file in a package."""
    package_path_depth: Count = 64
    """Directories above a file in a package."""
    package_document_bytes: Count = 16 * 1024**2
    """Size of one YAML document, TOSCA.meta or manifest."""
    package_documents: Count = 2_000
    """YAML documents that a descriptor imports, directly or not."""
    package_nodes: Count = 500_000
    """YAML nodes of one document, aliases counted as often as they are used."""
    package_total_nodes: Count = 1_000_000
    """YAML nodes of all documents of a descriptor, aliases counted as often as they are used."""
    package_depth: Count = 100
    """Nesting of one YAML document."""
    package_findings: Count = 500
    """Diagnostics that are kept of one package; the rest is counted."""
    package_mode: Literal["strict", "etsi", "lenient"] = "etsi"
    """How packages are judged: as the standards have it, as vendors ship, or to be used as far as they can be."""
    package_signatures: Literal["optional", "signed", "trusted"] = "optional"
    """What packages must have: nothing, an intact signature, or one by somebody trusted."""
    signature_time: Literal["now", "signing"] = "now"
    """When a signer's certificate must be valid: when the package is onboarded, or when it was signed."""
    trust_store: Path = Path("trust")
    """Directory of the certificates that are trusted; below the data directory unless absolute."""
    notification_age: Count = 24 * 60 * 60
    """Seconds after which a notification that its subscriber does not take is dropped."""
    outgoing_certificate: str = ""
    """File of the certificate (PEM) that is shown to subscribers whose callbacks ask for one; empty: none is."""
    outgoing_key: str = ""
    """File of its key; empty: in the same file."""
    notification_timeout: Count = 10
    """Seconds that a subscriber has to take a notification, before it is tried again."""
    scripts: Literal["confined", "trusted", "off"] = "confined"
    """Whether scripts of VNF packages are run: out of reach of what the server keeps, within its reach, or not."""
    script_user: str = "nobody"
    """Whose processes scripts are when the server runs as root and they are confined; it may not be root."""
    script_directory: Path = Path("/tmp")  # noqa: S108  # below it a directory of the installation's own is made
    """Where scripts get their directories, each its own; must be within reach of ``script_user``."""
    script_path: str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    """Where scripts find programs."""
    script_timeout: Count = 600
    """Seconds that a script may take when its descriptor does not say."""
    script_output_characters: Count = 1024 * 1024
    """What is kept of the output of one script, its end rather than its beginning."""
    script_memory_bytes: Count = 4 * 1024**3
    """Address space of one process of a script."""
    script_keys: Path = Path("keys")
    """Directory of private keys that scripts may name to log in to guests; below the data directory unless absolute."""
    coordination_url: str = ""
    """Where an element manager is asked to coordinate operations (SOL002, up to ``/lcmcoord/v1``); empty: nowhere."""
    public_url: str = ""
    """Root of the server's interfaces as others reach it, for links in what is sent; empty: from host and port."""
    grant_answer_seconds: Seconds = 10
    """Seconds that a VNFM's request for a grant waits to be decided, before it is told to look again; 0: none."""
    simulated_vim: bool = True
    """Whether a new data directory gets a simulated VIM to begin with."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
        """Return the settings of ``environment`` with ``overrides``, where an override of None counts as not given.

        An unusable value is a :class:`SettingsError`. Other ``MANO_`` variables are ignored.
        """
        given: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            override = overrides.pop(field.name, None)
            text = environment.get(PREFIX + field.name.upper(), "")
            if override is not None:
                given[field.name] = _converted(f"--{field.name.replace('_', '-')}", override, field.type)
            elif text:
                given[field.name] = _converted(PREFIX + field.name.upper(), text, field.type)
        if overrides:
            msg = f"no such setting: {', '.join(sorted(overrides))}"
            raise SettingsError(msg)
        return cls(**given)


def _converted(source: str, value: Any, wanted: Any) -> Any:
    if wanted is Path:
        return Path(value).expanduser()
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError as error:
        msg = f"{source} is {value!r}: {error}"
        raise SettingsError(msg) from error
