from __future__ import annotations

import pytest

from vim_adapters.connection import VimConnection
from vim_adapters.errors import MisconfiguredError
from vim_adapters.openstack.access import access_of

URL = "https://cloud.example:5000/v3"
PASSWORD = {"username": "mano", "password": "secret", "project": "nfv"}


def access(interface, credentials=(), **extra):
    return access_of(
        VimConnection(
            id="1", vim_type="OPENSTACK", interface_info=dict(interface), access_info=dict(credentials), extra=extra
        )
    )


def test_a_cloud_of_clouds_yaml_needs_no_more():
    """The name is enough; a file and a region can be told."""
    assert access({"cloud": "lab"}).cloud == "lab"
    found = access({"cloud": "lab", "clouds_file": "/etc/clouds.yaml", "region": "two"})
    assert (found.clouds_file, found.options) == ("/etc/clouds.yaml", {"region_name": "two"})


@pytest.mark.parametrize(
    "credentials",
    [
        {**PASSWORD, "projectDomain": "Default", "userDomain": "Default"},
        {"username": "mano", "password": "secret", "project_name": "nfv", "user_domain_name": "Default",
         "project_domain_name": "Default"},
    ],
)  # fmt: skip
def test_passwords_in_either_spelling(credentials):
    """The keys of SOL003's examples and those of OpenStack mean the same."""
    assert access({"endpoint": URL}, credentials).options == {
        "auth_type": "password",
        "auth": {
            "auth_url": URL,
            "username": "mano",
            "password": "secret",
            "project_name": "nfv",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
    }


def test_domains_are_the_default_one():
    """Clouds with one domain need not be told it."""
    auth = access({"endpoint": URL}, PASSWORD).options["auth"]
    assert (auth["user_domain_id"], auth["project_domain_id"]) == ("default", "default")


def test_application_credentials_need_no_project():
    """An application credential is of a project already."""
    options = access(
        {"endpoint": URL}, {"application_credential_id": "1", "application_credential_secret": "secret"}
    ).options
    assert options["auth_type"] == "v3applicationcredential"
    assert options["auth"] == {
        "auth_url": URL,
        "application_credential_id": "1",
        "application_credential_secret": "secret",
    }


def test_transport_is_told():
    """CA bundle, kind of endpoint, endpoint overrides, proxy and our own settings are taken over."""
    found = access(
        {
            "endpoint": URL,
            "caBundle": "/etc/ca.pem",
            "interface": "internal",
            "volume_endpoint": "https://v/v3",
            "computeEndpointOverride": "https://c/v2.1",
            "proxy": "http://proxy:3128",
        },
        PASSWORD,
        threads=8,
        deadline_seconds=5,
        create_flavours="exact",
    )
    assert found.options["cacert"] == "/etc/ca.pem"
    assert found.options["interface"] == "internal"
    assert found.options["block_storage_endpoint_override"] == "https://v/v3"
    assert found.options["compute_endpoint_override"] == "https://c/v2.1"
    assert (found.proxy, found.threads, found.timeout_seconds, found.create_flavours) == (
        "http://proxy:3128",
        8,
        5.0,
        "exact",
    )
    assert "verify" not in found.options


@pytest.mark.parametrize("key", [{"verify": "false"}, {"skipCertificateVerification": "true"}])
def test_verification_is_switched_off_only_on_purpose(key):
    """Certificates are verified unless the connection says not to."""
    assert access({"endpoint": URL, **key}, PASSWORD).options["verify"] is False


@pytest.mark.parametrize(
    ("interface", "credentials", "extra", "words"),
    [
        ({}, {}, {}, "either 'cloud'"),
        ({"cloud": "lab", "endpoint": URL}, PASSWORD, {}, "either 'cloud'"),
        ({"endpoint": URL, "colour": "blue"}, PASSWORD, {}, "interfaceInfo has the unknown key 'colour'"),
        ({"endpoint": URL}, {**PASSWORD, "pasword": "x"}, {}, "accessInfo has the unknown key 'pasword'"),
        ({"endpoint": URL}, {"username": "mano"}, {}, "'username' and 'password'"),
        ({"endpoint": URL}, {"username": "mano", "password": "secret"}, {}, "name the project"),
        ({"endpoint": URL}, {"application_credential_secret": "secret"}, {}, "application_credential_id"),
        ({"cloud": "lab", "verify": "maybe"}, {}, {}, "verify must be true or false"),
        ({"cloud": "lab"}, {}, {"threads": 0}, "extra.threads"),
        ({"cloud": "lab"}, {}, {"max_server_per_host": "many"}, "extra.max_server_per_host"),
        ({"cloud": "lab"}, {}, {"create_flavours": "yes"}, "extra.create_flavours"),
    ],
)
def test_what_is_wrong_is_named(interface, credentials, extra, words):
    """A connection that cannot work is refused before anything is sent, and the error names the key."""
    with pytest.raises(MisconfiguredError, match=words):
        access(interface, credentials, **extra)


def test_the_network_outside_is_named_in_words():
    """What is no name is refused with the attribute."""
    assert access({"cloud": "lab"}, external_network="public").external_network == "public"
    with pytest.raises(MisconfiguredError, match=r"extra\.external_network"):
        access({"cloud": "lab"}, external_network=7)
