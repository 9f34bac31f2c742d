"""VNF packages that the NFVO fetches itself, over HTTP."""

import base64

import pytest
from catalogue_client import PACKAGES, UPLOAD_LIMIT
from content_server import content_server
from example_packages import package

from nfvo.catalogue.tables import VNF_PACKAGES

SECRET = "s3cret"
UNUSABLE = [
    ({"addressInformation": "file:///etc/passwd"}, "addressInformation"),
    ({"addressInformation": "http://user:password@example.com/"}, "addressInformation"),
    ({"addressInformation": "package.csar"}, "addressInformation"),
    ({}, "$.addressInformation"),
    ({"addressInformation": "http://a/", "authType": "BASIC"}, "paramsBasic"),
    ({"addressInformation": "http://a/", "authType": "OAUTH2_CLIENT_CREDENTIALS"}, "paramsOauth2ClientCredentials"),
    ({"addressInformation": "http://a/", "paramsBasic": {"userName": "a", "password": "b"}}, "authType"),
    (
        {
            "addressInformation": "http://a/",
            "authType": "BASIC",
            "paramsBasic": {"userName": "a:b", "password": "c"},
        },
        "paramsBasic.userName",
    ),
    (
        {
            "addressInformation": "http://a/",
            "authType": "OAUTH2_CLIENT_CREDENTIALS",
            "paramsOauth2ClientCredentials": {"clientId": "a", "clientPassword": "b", "tokenEndpoint": "file:///"},
        },
        "paramsOauth2ClientCredentials.tokenEndpoint",
    ),
]
"""Requests by which nothing can be fetched, with the attribute that is to blame."""
BASIC = {"authType": "BASIC", "paramsBasic": {"userName": "mano", "password": SECRET}}


@pytest.fixture
async def contents():
    async with content_server() as contents:
        contents.content = package("probe")
        yield contents


async def ask(client, resource, uri, **more):
    """Ask for a download, and return the status of the answer."""
    body = {"addressInformation": uri, **more}
    async with client.http.post(f"{resource}/package_content/upload_from_uri", json=body) as answer:
        return answer.status


async def fetched(client, uri, **more):
    """Return the package once its download has ended."""
    resource = await client.create()
    assert await ask(client, resource, uri, **more) == 202
    return await client.processed(resource)


def failure(entry):
    """Return why a package is in ERROR."""
    assert entry["onboardingState"] == "ERROR"
    (finding,) = entry["onboardingFailureDetails"]["diagnostics"]
    assert finding["code"] == "download-failed"
    return entry["onboardingFailureDetails"]["detail"]


async def test_a_package_is_fetched_and_onboarded(client, contents, etsi):
    """The answer comes at once, UPLOADING is seen meanwhile, and the package ends like one that was uploaded."""
    judge = etsi("SOL005/VNFPackageManagement")
    contents.held.clear()
    resource = await client.create()
    body = {"addressInformation": contents.url("/package.csar")}
    judge.check_request("POST", f"{resource}/package_content/upload_from_uri".removeprefix("/vnfpkgm/v2"), body)
    async with client.http.post(f"{resource}/package_content/upload_from_uri", json=body) as answer:
        assert (answer.status, await answer.read()) == (202, b"")
        await judge.check(answer)
    await contents.asked.wait()
    assert (await client.get(resource))["onboardingState"] == "UPLOADING"
    assert await ask(client, resource, contents.url("/package.csar")) == 409
    contents.held.set()
    assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"
    async with client.http.get(f"{resource}/package_content") as answer:
        assert await answer.read() == contents.content
    assert not await client.debris()


async def test_a_server_is_shown_a_user_name_and_a_password(client, contents):
    """They are used, and are nowhere to be read: not in the database, not in the package."""
    contents.wanted = f"Basic {base64.b64encode(b'mano:s3cret').decode()}"
    contents.held.clear()
    resource = await client.create()
    assert await ask(client, resource, contents.url("/package.csar?signature=hidden"), **BASIC) == 202
    await contents.asked.wait()
    async with client.catalogue._database.reading() as connection:
        document = (await VNF_PACKAGES.get(connection, resource.rpartition("/")[2])).document
    assert document.source
    assert SECRET not in repr(document)
    assert "hidden" not in repr(document)
    contents.held.set()
    assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"
    async with client.catalogue._database.reading() as connection:
        assert not (await VNF_PACKAGES.get(connection, resource.rpartition("/")[2])).document.source


async def test_a_token_is_had_by_client_credentials(client, contents):
    """OAuth 2.0 as release 3.7.1 has it; without a token the failure says whose answer it is."""
    contents.wanted = "Bearer good"
    oauth2 = {"clientId": "mano", "clientPassword": SECRET, "tokenEndpoint": contents.url("/token")}
    proof = {"authType": "OAUTH2_CLIENT_CREDENTIALS", "paramsOauth2ClientCredentials": oauth2}
    wrong = proof | {"paramsOauth2ClientCredentials": oauth2 | {"clientPassword": "wrong"}}
    told = failure(await fetched(client, contents.url("/package.csar"), **wrong))
    assert "the token endpoint answers 401" in told
    assert (await fetched(client, contents.url("/package.csar"), **proof))["onboardingState"] == "ONBOARDED"


async def test_a_failed_download_says_why_and_can_be_repeated(client, contents):
    """The package is in ERROR with the server's answer, without the query of the URI, and nothing lies about."""
    contents.statuses = [404]
    resource = await client.create()
    assert await ask(client, resource, contents.url("/package.csar?signature=hidden")) == 202
    told = failure(await client.processed(resource))
    assert "package.csar answers 404: not now" in told
    assert "hidden" not in told
    assert not await client.debris()
    assert await ask(client, resource, contents.url("/package.csar")) == 202
    assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"


async def test_a_broken_connection_is_gone_on_with(client, contents):
    """Only what is missing is asked for, and a server that is busy is asked again."""
    contents.break_after = [100]
    assert (await fetched(client, contents.url("/package.csar")))["onboardingState"] == "ONBOARDED"
    assert contents.ranges == [None, "bytes=100-"]


async def test_a_busy_server_is_asked_again(client, contents):
    """What passes by itself does not fail a download at once."""
    contents.statuses = [503, 429]
    assert (await fetched(client, contents.url("/package.csar")))["onboardingState"] == "ONBOARDED"


async def test_a_content_that_may_have_changed_is_not_patched_together(client, contents):
    """Without an ETag nobody knows whether the rest belongs to what has come."""
    contents.etag, contents.break_after = False, [100]
    assert "(after 100 bytes)" in failure(await fetched(client, contents.url("/package.csar")))


async def test_a_content_that_is_too_large_is_refused(client, contents):
    """No more is taken than could be uploaded."""
    contents.content = b"0" * (UPLOAD_LIMIT + 1)
    assert f"larger than the {UPLOAD_LIMIT} bytes" in failure(await fetched(client, contents.url("/package.csar")))
    assert not await client.debris()


async def test_what_is_no_package_fails_as_an_upload_does(client, contents):
    """The diagnostics are those of the content."""
    contents.content = b"no archive"
    entry = await fetched(client, contents.url("/package.csar"))
    assert entry["onboardingState"] == "ERROR"
    assert "download-failed" not in str(entry)


async def test_a_download_that_takes_too_long_is_given_up(client, contents):
    """The operator says how long one may take."""
    contents.held.clear()
    client.catalogue._sources.seconds = 0.05
    assert "it was not there after" in failure(await fetched(client, contents.url("/package.csar")))


async def test_redirects_are_followed_so_far(client, contents):
    """Five are, six are not."""
    assert (await fetched(client, contents.url("/elsewhere/4")))["onboardingState"] == "ONBOARDED"
    assert "elsewhere more than 5 times" in failure(await fetched(client, contents.url("/elsewhere/5")))


async def test_credentials_stay_with_the_server_that_they_are_for(client, contents):
    """A server that sends us elsewhere does not hand our password on."""
    async with content_server() as other:
        other.content = contents.content
        entry = await fetched(client, contents.url(f"/away?to={other.url('/package.csar')}"), **BASIC)
    assert entry["onboardingState"] == "ONBOARDED"
    assert contents.authorizations[0]
    assert other.authorizations == [None]


async def test_no_redirect_leads_out_of_http(client, contents):
    """What a URI must not name a redirect must not either."""
    for target in ("file:///etc/passwd", "ftp://example.com/package.csar"):
        assert "answers" not in failure(await fetched(client, contents.url(f"/away?to={target}")))


async def test_nothing_is_fetched_from_link_local_addresses(client, contents):
    """There machines keep what is their own; a redirect does not lead there either."""
    for address in ("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"):
        for uri in (f"http://{address}/latest/meta-data", contents.url(f"/away?to=http://{address}/")):
            assert "nothing is fetched from" in failure(await fetched(client, uri))


async def test_a_request_that_cannot_work_is_refused_at_once(client):
    """The attribute is named, and the package stays as it was."""
    resource = await client.create()
    for body, attribute in UNUSABLE:
        status, problem = await client.status("POST", f"{resource}/package_content/upload_from_uri", json=body)
        assert (status, problem["attribute"]) == (400, attribute)
    assert (await client.get(resource))["onboardingState"] == "CREATED"


async def test_nothing_is_fetched_for_nobody(client):
    """A package that does not exist is 404."""
    url = f"{PACKAGES}/nobody/package_content/upload_from_uri"
    status, _ = await client.status("POST", url, json={"addressInformation": "http://127.0.0.1/"})
    assert status == 404


async def test_a_defect_of_ours_ends_in_error_too(client, contents, monkeypatch):
    """Whatever happens, no package stays UPLOADING; the finding says that it is not the package's fault."""

    async def broken(*_):
        raise RuntimeError("a defect")
        yield b""

    monkeypatch.setattr(client.catalogue._sources, "chunks", broken)
    entry = await fetched(client, contents.url("/package.csar"))
    assert entry["onboardingState"] == "ERROR"
    assert entry["onboardingFailureDetails"]["diagnostics"][0]["code"] == "onboarding-defect"


async def test_a_download_survives_the_end_of_the_server(reopened, contents):
    """The next server takes it up, with the credentials that it was asked with."""
    contents.wanted = f"Basic {base64.b64encode(b'mano:s3cret').decode()}"
    contents.held.clear()
    async with reopened() as client:
        resource = await client.create()
        assert await ask(client, resource, contents.url("/package.csar"), **BASIC) == 202
        await contents.asked.wait()
    contents.held.set()
    async with reopened() as client:
        assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"
        assert not await client.debris()


async def test_a_download_whose_key_is_lost_says_so(reopened, contents, tmp_path):
    """What cannot be opened any more fails with the way out, and keeps nobody else from working."""
    contents.held.clear()
    async with reopened() as client:
        resource = await client.create()
        assert await ask(client, resource, contents.url("/package.csar"), **BASIC) == 202
        await contents.asked.wait()
    contents.held.set()
    (tmp_path / "secret.key").write_text("")
    async with reopened() as client:
        told = failure(await client.processed(resource))
        assert "bring its line back from a backup, or give the secret anew" in told
