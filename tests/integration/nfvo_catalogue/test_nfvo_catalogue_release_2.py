"""VNF package and NSD management in release 2.6.1: the same packages and descriptors, in the words of that release."""

import base64

from catalogue_client import DESCRIPTORS, PACKAGES, PNFDS
from content_server import content_server
from descriptor_examples import PNFD, outer_service
from example_packages import package

OLD = "/vnfpkgm/v1/vnf_packages"


async def judged(client, judge, path, status=200):
    """Read a resource, have the schemas of the release judge it, and return it."""
    async with client.http.get(path) as answer:
        assert answer.status == status, await answer.text()
        return await judge.check(answer)


async def test_a_package_is_shown_as_the_release_has_it(client, vnfpkgm_of_release_2):
    """To the OSS and to VNFMs, alone and in lists, without a word that came later."""
    oss, vnfms = vnfpkgm_of_release_2
    async with client.http.post(OLD, json={"userDefinedData": {"a": "b"}}) as answer:
        created = await oss.check(answer)
    url = f"{OLD}/{created['id']}"
    async with client.http.put(
        f"{url}/package_content", data=package("probe"), headers={"Content-Type": "application/zip"}
    ) as answer:
        assert answer.status == 202
        await oss.check(answer)
    await client.catalogue.onboarding.idle()
    entry = await judged(client, oss, url)
    assert entry["onboardingState"] == "ONBOARDED"
    assert entry["_links"]["self"]["href"].endswith(url)
    for judge, path in (
        (oss, OLD),
        (oss, f"{OLD}?all_fields"),
        (vnfms, url),
        (vnfms, f"{OLD}?all_fields"),
        (vnfms, "/vnfpkgm/v1/onboarded_vnf_packages?all_fields"),
        (vnfms, f"/vnfpkgm/v1/onboarded_vnf_packages/{entry['vnfdId']}"),
    ):
        assert await judged(client, judge, path)
    async with client.http.patch(url, json={"operationalState": "DISABLED"}) as answer:
        await oss.check(answer)
    newer = await client.get(f"{PACKAGES}/{created['id']}")
    assert (newer["operationalState"], newer["packageSecurityOption"]) == ("DISABLED", "OPTION_1")
    async with client.http.delete(url) as answer:
        await oss.check(answer)


async def test_a_failed_package_awaits_another_content(client, vnfpkgm_of_release_2):
    """The release has no state ERROR: the package is CREATED, which it is as far as its clients can tell."""
    entry = await client.onboard(b"no archive")
    assert entry["onboardingState"] == "ERROR"
    assert (await judged(client, vnfpkgm_of_release_2[0], f"{OLD}/{entry['id']}"))["onboardingState"] == "CREATED"
    assert [old["id"] for old in await client.get(f"{OLD}?filter=(eq,onboardingState,CREATED)")] == [entry["id"]]


async def test_what_came_later_is_not_there(client):
    """Resources are 404 and parameters 400, also for VNFMs."""
    entry = await client.onboard(package("probe"))
    for path in ("manifest", "artifacts", "ext_artifacts_access", "vnfd?include_signatures"):
        for url in (f"{OLD}/{entry['id']}", f"/vnfpkgm/v1/onboarded_vnf_packages/{entry['vnfdId']}"):
            assert (await client.status("GET", f"{url}/{path}"))[0] == (400 if "?" in path else 404)


async def test_a_package_is_fetched_with_a_user_name_and_a_password(client):
    """They are attributes of their own in this release, and only go together."""
    async with content_server() as contents:
        contents.content = package("probe")
        contents.wanted = f"Basic {base64.b64encode(b'mano:s3cret').decode()}"
        url = f"{OLD}/{(await client.create()).rpartition('/')[2]}"
        body = {"addressInformation": contents.url("/package.csar"), "userName": "mano"}
        status, problem = await client.status("POST", f"{url}/package_content/upload_from_uri", json=body)
        assert (status, problem["attribute"]) == (400, "password")
        body["password"] = "s3cret"
        async with client.http.post(f"{url}/package_content/upload_from_uri", json=body) as answer:
            assert answer.status == 202
        assert (await client.processed(url.replace("/v1/", "/v2/")))["onboardingState"] == "ONBOARDED"


async def test_descriptors_are_shown_as_the_release_has_them(client, nsd_of_release_2):
    """Whole ones and such as could not be onboarded, alone and in lists, without a word that came later."""
    pnfd = await client.onboard(PNFD.encode(), PNFDS)
    failed = await client.onboard(outer_service(), DESCRIPTORS)
    assert (pnfd["pnfdOnboardingState"], failed["nsdOnboardingState"]) == ("ONBOARDED", "ERROR")
    for collection, entry, attribute, state in (
        ("/nsd/v1/pnf_descriptors", pnfd, "pnfdOnboardingState", "ONBOARDED"),
        ("/nsd/v1/ns_descriptors", failed, "nsdOnboardingState", "CREATED"),
    ):
        for path in (collection, f"{collection}?all_fields", f"{collection}?filter=(eq,{attribute},{state})"):
            assert [old[attribute] for old in await judged(client, nsd_of_release_2, path)] == [state]
        old = await judged(client, nsd_of_release_2, f"{collection}/{entry['id']}")
        assert old["_links"]["self"]["href"].endswith(f"{collection}/{entry['id']}")
        for resource in ("nsd", "pnfd", "manifest", "artifacts/a"):
            assert (await client.status("GET", f"{collection}/{entry['id']}/{resource}"))[0] == 404
    assert "nsd-not-onboarded" in str(old["onboardingFailureDetails"])
    async with client.http.get(f"/nsd/v1/pnf_descriptors/{pnfd['id']}/pnfd_content") as answer:
        assert (answer.content_type, await answer.text()) == ("text/plain", PNFD)
