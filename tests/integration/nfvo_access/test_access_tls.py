"""TLS of the listener, over loopback: certificates, versions, client certificates, and the command line's trust."""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from signing import name

from mano_runtime.notifications.callbacks import CallbackError, Callbacks
from mano_runtime.notifications.subscription import Authentication, Subscription
from mano_runtime.rest import application, serving
from mano_runtime.rest.transport_security import TlsError, outgoing_tls, server_tls
from mano_runtime.settings import Settings
from nfvo.cli.client import Client
from nfvo.cli.errors import InputError, UnreachableError
from nfvo.cli.trust import Trust
from nfvo.server import CannotServeError, run


def certificate(directory, whose, by=None, encryption=None):
    """Write WHOSE.pem and WHOSE.key for somebody at 127.0.0.1, vouched for by another one, or by themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer, issuer_key = by or (whose, key)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name(whose))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    (directory / f"{whose}.pem").write_bytes(made.public_bytes(Encoding.PEM))
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    (directory / f"{whose}.key").write_bytes(encoded)
    return whose, key


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a directory with the certificates of an authority, a server, a client, and a stranger."""
    directory = tmp_path_factory.mktemp("tls")
    authority = certificate(directory, "authority")
    for whose in ("server", "client"):
        certificate(directory, whose, by=authority)
    certificate(directory, "stranger")
    return directory


async def ready():
    return []


@pytest.fixture
def served(files):
    """Return what serves with the server's certificate, to clients of an authority or to all."""

    def serve(client_ca=None):
        tls = server_tls(files / "server.pem", files / "server.key", client_ca and files / client_ca)
        return serving(application(ready=ready), host="127.0.0.1", port=0, tls=tls)

    return serve


async def test_the_listener_speaks_https(files, served):
    """Whoever trusts the authority gets through, the command line with --ca-file; nobody else does, nor without TLS."""
    async with served() as url:
        assert url.scheme == "https"
        async with Client(str(url), Trust(str(files / "authority.pem"))) as client:
            assert await client.get("/readyz") == {"status": "ready"}
        for trust in (Trust(), Trust(str(files / "stranger.pem"))):
            async with Client(str(url), trust) as client:
                with pytest.raises(UnreachableError) as caught:
                    await client.get("/readyz")
                assert "--ca-file" in caught.value.hint
        async with Client(str(url.with_scheme("http"))) as client:
            with pytest.raises(UnreachableError):
                await client.get("/readyz")


async def test_old_versions_are_not_spoken(files, served):
    """A client of TLS 1.1 is sent away, one of 1.2 and one of 1.3 are not."""
    async with served() as url:
        for version, spoken in (
            (ssl.TLSVersion.TLSv1_1, False),
            (ssl.TLSVersion.TLSv1_2, True),
            (ssl.TLSVersion.TLSv1_3, True),
        ):
            context = ssl.create_default_context(cafile=files / "authority.pem")
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            with pytest.warns(DeprecationWarning, match="TLSv1_1") if not spoken else contextlib.nullcontext():
                context.maximum_version = version
            async with aiohttp.ClientSession() as session:
                try:
                    async with session.get(url / "healthz", ssl=context) as answer:
                        assert (answer.status, spoken) == (200, True)
                except aiohttp.ClientConnectorError:
                    assert not spoken


async def test_a_client_must_have_a_certificate_where_one_is_asked_for(files, served):
    """Of the authority that the server trusts: none, or that of a stranger, does not get through."""
    authority = str(files / "authority.pem")
    pair = str(files / "client.pem"), str(files / "client.key")
    strange = str(files / "stranger.pem"), str(files / "stranger.key")
    async with served("authority.pem") as url:
        async with Client(str(url), Trust(authority, *pair)) as client:
            assert await client.get("/readyz") == {"status": "ready"}
        for trust in (Trust(authority), Trust(authority, *strange)):
            async with Client(str(url), trust) as client:
                with pytest.raises(UnreachableError):
                    await client.get("/readyz")


def test_what_cannot_be_used_is_named(files, tmp_path):
    """Missing, mixed up, encrypted or half: the setting, or the option, is in the message."""
    certificate(tmp_path, "locked", encryption=BestAvailableEncryption(b"secret"))
    for pem, key, authorities, named in (
        (files / "none.pem", files / "server.key", None, "tls_certificate"),
        (files / "server.pem", files / "none.key", None, "tls_key"),
        (files / "server.pem", files / "client.key", None, "tls_key"),
        (tmp_path / "locked.pem", tmp_path / "locked.key", None, "encrypted"),
        (files / "server.pem", files / "server.key", files / "none.pem", "tls_client_ca"),
        (files / "server.pem", files / "server.key", files / "server.key", "tls_client_ca"),
    ):
        with pytest.raises(TlsError, match=named):
            server_tls(pem, key, authorities)
    for trust in (Trust("none.pem"), Trust(certificate="none.pem")):
        with pytest.raises(InputError):
            trust.context()


@pytest.mark.parametrize(
    "half",
    [{"tls_key": "k"}, {"tls_client_ca": "c"}, {"tls_certificate": "c"}, {"tls_certificate": "c", "tls_key": "k"}],
)
def test_half_a_configuration_is_refused_at_the_start(half, tmp_path):
    """A server never falls back to HTTP: it does not start, and says which setting is missing or cannot be used."""
    with pytest.raises(CannotServeError, match=r"MANO_TLS|tls_certificate: "):
        run(Settings(data_dir=tmp_path / "data", port=0, **half))


async def test_a_callback_that_asks_for_it_is_shown_our_certificate(files, monkeypatch):
    """With `outgoing_certificate`, and with nothing but: without it the callback does not take what we have to say."""
    monkeypatch.setenv("SSL_CERT_FILE", str(files / "authority.pem"))
    shown = []

    async def tested(request):
        shown.append(request.transport.get_extra_info("peercert")["subject"])
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.get("/callback", tested)])
    tls = server_tls(files / "server.pem", files / "server.key", files / "authority.pem")
    async with serving(app, host="127.0.0.1", port=0, tls=tls) as url:
        wanted = Subscription(
            id="1",
            api="x",
            version="1.0.0",
            root="",
            callback_uri=str(url / "callback"),
            authentication=Authentication(auth_type=("TLS_CERT",)),
            created_at="",
        )
        for context, taken in ((outgoing_tls(files / "client.pem", files / "client.key"), True), (None, False)):
            callbacks = Callbacks(timeout=10, tls=context)
            assert callbacks.shows_certificate is taken
            with contextlib.nullcontext() if taken else pytest.raises(CallbackError):
                await callbacks.test(wanted)
            await callbacks.aclose()
    assert shown == [((("commonName", "client"),),)]
