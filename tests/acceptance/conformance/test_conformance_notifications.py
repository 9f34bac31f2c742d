"""Subscribers of every interface are told of a whole life, in the words of ETSI's documents, by a real server."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession
from callback_server import subscriber
from descriptor_examples import pnfd_archive
from etsi_walk import Walk
from example_packages import SERVICE, VNFS, package
from server_process import ServerProcess

ZIP = {"Content-Type": "application/zip"}
INTERFACES = {
    "vnfpkgm": "SOL005/VNFPackageManagement",
    "nsd": "SOL005/NSDManagement",
    "nslcm": "SOL005/NSLifecycleManagement",
    "vnflcm": "SOL003/VNFLifecycleManagement",
}
FILTERS = {
    "vnfpkgm": {"vnfdId": ["nobody"]},
    "nsd": {"nsdId": ["nobody"], "notificationTypes": ["NsdChangeNotification"]},
    "nslcm": {"nsInstanceSubscriptionFilter": {"nsInstanceNames": ["other"]}},
    "vnflcm": {"vnfInstanceSubscriptionFilter": {"vnfProductsFromProviders": [{"vnfProvider": "nobody"}]}},
    "nsd v1": {"pnfdId": ["nobody"]},
    "vnflcm v1": {"vnfInstanceSubscriptionFilter": {"vnfdIds": ["nobody"]}},
}


@pytest.fixture
async def server(tmp_path):
    server = ServerProcess(tmp_path)
    await server.make_vim()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def walks(server, etsi, vnflcm_of_release_2, nsd_of_release_2):
    async with ClientSession() as session:
        yield {
            **{api: Walk(session, server.url, etsi(name)) for api, name in INTERFACES.items()},
            "nsd v1": Walk(session, server.url, nsd_of_release_2),
            "vnflcm v1": Walk(session, server.url, vnflcm_of_release_2),
        }


async def test_subscriptions_conform(server, walks):
    """Subscribe, be refused a second time, query with a filter, read and end: each as the document of the API says.

    A filter with an attribute that nobody knows is refused with its place, for it would let everything through.
    """
    async with subscriber() as listener:
        for api, walk in walks.items():
            secret = {"authType": ["BASIC"], "paramsBasic": {"userName": "us", "password": "secret"}}
            wanted = {"callbackUri": listener.url, "authentication": secret, "filter": FILTERS[api]}
            made = await walk.send("POST", "/subscriptions", 201, wanted)
            one = f"/subscriptions/{made['id']}"
            await walk.send("POST", "/subscriptions", 303, wanted, allow_redirects=False)
            assert await walk.get(one) == made
            assert await walk.get(f"/subscriptions?filter=(eq,id,{made['id']})") == [made]
            assert await walk.get("/subscriptions?filter=(eq,id,other)") == []
            assert made["filter"] == FILTERS[api]
            assert "secret" not in str(await walk.get("/subscriptions")), "credentials are never shown"
            listener.test_answer = 404
            await walk.send("POST", "/subscriptions", 422, {"callbackUri": listener.url})
            await walk.send("POST", "/subscriptions", 422, {"callbackUri": "ftp://here/x"})
            await walk.send("POST", "/subscriptions", 422, {**wanted, "authentication": {"authType": ["TLS_CERT"]}})
            listener.test_answer = 204
            await walk.send("DELETE", one, 204)
            await walk.send("GET", one, 404)
            await walk.send("DELETE", one, 404)
        wanted = {"callbackUri": listener.url, "filter": {"vnfdIds": ["a"]}}
        problem, _ = await server.request("POST", "/vnflcm/v2/subscriptions", 400, json=wanted)
        assert "vnfdIds" in problem["detail"]


async def test_a_whole_life_is_told(server, walks, etsi, vnflcm_of_release_2, nsd_of_release_2):
    """Whoever subscribed without a filter hears of everything in order; with one that fits nothing, of nothing."""
    async with subscriber() as everything, subscriber() as nothing:
        for api, walk in walks.items():
            await walk.send("POST", "/subscriptions", 201, {"callbackUri": everything.url})
            await walk.send("POST", "/subscriptions", 201, {"callbackUri": nothing.url, "filter": FILTERS[api]})
        await live(walks)
        await everything.until(1)
        heard = await complete(server, everything)
        assert nothing.heard == []
    told = [body for body in heard if not of_release_2(body)]
    for body in told:
        judge(etsi, body)
    told_in_release_2 = [body for body in heard if of_release_2(body)]
    for body in told_in_release_2:
        name = body["notificationType"].replace("OnBoarding", "Onboarding")
        name = f"{name[:1].lower()}{name[1:]}" if name.startswith("VnfIdentifierDeletion") else name
        (vnflcm_of_release_2 if "vnfInstanceId" in body else nsd_of_release_2).check_body(name, body)
    in_both = {"vnfInstanceId", "nsdInfoId", "pnfdInfoId"}
    assert [what(body) for body in told_in_release_2] == [what(body) for body in told if in_both & body.keys()]
    states = [
        (body["notificationType"], body["notificationStatus"], body["operation"], body["operationState"])
        for body in told
        if body["notificationType"] == "NsLcmOperationOccurrenceNotification"
    ]
    name = "NsLcmOperationOccurrenceNotification"
    assert states == [
        (name, "START", "INSTANTIATE", "PROCESSING"),
        (name, "RESULT", "INSTANTIATE", "COMPLETED"),
        (name, "START", "TERMINATE", "PROCESSING"),
        (name, "RESULT", "TERMINATE", "COMPLETED"),
    ]
    by_vnf: dict[str, list[str]] = {}
    for body in told:
        if "vnfInstanceId" in body:
            by_vnf.setdefault(body["vnfInstanceId"], []).append(body.get("operationState") or body["notificationType"])
    operation = ["STARTING", "PROCESSING", "COMPLETED"]
    life = ["VnfIdentifierCreationNotification", *operation, *operation, "VnfIdentifierDeletionNotification"]
    assert list(by_vnf.values()) == [life] * len(VNFS)
    ends = [body for body in told if "vnfLcmOpOccId" in body and body["operationState"] == "COMPLETED"]
    assert all(body["affectedVnfcs"] and body["notificationStatus"] == "RESULT" for body in ends)
    types = {body["notificationType"] for body in told}
    assert types >= {
        "VnfPackageOnboardingNotification",
        "VnfPackageChangeNotification",
        "NsdOnBoardingNotification",
        "NsdOnBoardingFailureNotification",
        "NsdChangeNotification",
        "NsdDeletionNotification",
        "PnfdOnBoardingNotification",
        "PnfdOnBoardingFailureNotification",
        "PnfdDeletionNotification",
        "NsIdentifierCreationNotification",
        "NsIdentifierDeletionNotification",
    }


def of_release_2(body):
    return "/v1/" in body["_links"]["subscription"]["href"]


def what(body):
    return body["notificationType"], body.get("vnfInstanceId"), body.get("operationState"), body["id"]


async def live(walks):
    """Onboard, instantiate, terminate and remove a network service, and fail to onboard another descriptor."""
    packages, nsd, nslcm = walks["vnfpkgm"], walks["nsd"], walks["nslcm"]
    entries = []
    for name in VNFS:
        entry = await packages.send("POST", "/vnf_packages", 201, {})
        entries.append(f"/vnf_packages/{entry['id']}")
        await packages.send("PUT", f"{entries[-1]}/package_content", 202, data=package(name), headers=ZIP)
        await packages.until(entries[-1], "onboardingState", "ONBOARDED", "ERROR")
    broken = f"/ns_descriptors/{(await nsd.send('POST', '/ns_descriptors', 201, {}))['id']}"
    await nsd.send("PUT", f"{broken}/nsd_content", 202, data=package(VNFS[0]), headers=ZIP)
    await nsd.until(broken, "nsdOnboardingState", "ERROR")
    for content, state in ((package(VNFS[0]), "ERROR"), (pnfd_archive(), "ONBOARDED")):
        pnfd = f"/pnf_descriptors/{(await nsd.send('POST', '/pnf_descriptors', 201, {}))['id']}"
        await nsd.send("PUT", f"{pnfd}/pnfd_content", 202, data=content, headers=ZIP)
        await nsd.until(pnfd, "pnfdOnboardingState", state)
        await nsd.send("DELETE", pnfd, 204)
    service = f"/ns_descriptors/{(await nsd.send('POST', '/ns_descriptors', 201, {}))['id']}"
    await nsd.send("PUT", f"{service}/nsd_content", 202, data=package(SERVICE), headers=ZIP)
    descriptor = await nsd.until(service, "nsdOnboardingState", "ONBOARDED", "ERROR")
    wanted = {"nsdId": descriptor["nsdId"], "nsName": "n", "nsDescription": "d"}
    one = f"/ns_instances/{(await nslcm.send('POST', '/ns_instances', 201, wanted))['id']}"
    for task, body in (("instantiate", {"nsFlavourId": "default"}), ("terminate", {})):
        occurrence = await nslcm.operate(f"{one}/{task}", body)
        ended = await nslcm.until(occurrence, "operationState", "COMPLETED", "FAILED_TEMP")
        assert ended["operationState"] == "COMPLETED", ended
    await nslcm.send("DELETE", one, 204)
    await nsd.send("PATCH", service, 200, {"nsdOperationalState": "DISABLED"})
    await nsd.send("DELETE", service, 204)
    for entry in entries:
        await packages.send("PATCH", entry, 200, {"operationalState": "DISABLED"})
        await packages.send("DELETE", entry, 204)


async def complete(server, listener):
    """Return all that was heard, once nothing waits for anybody."""
    while True:
        standings, _ = await server.request("GET", "/mano/v1/subscriptions", 200)
        assert len(standings) == 2 * len(FILTERS)
        if not any(standing["waiting"] for standing in standings):
            return listener.heard


def judge(etsi, body):
    """Judge a notification by the document that describes its callback."""
    apis = {
        "vnfPkgId": "SOL005/VNFPackageManagementNotification",
        "nsdInfoId": "SOL005/NSDManagementNotification",
        "pnfdInfoId": "SOL005/NSDManagementNotification",
        "nsInstanceId": "SOL005/NSLifecycleManagementNotification",
        "vnfInstanceId": "SOL003/VNFLifecycleManagementNotification",
    }
    document = etsi(next(name for attribute, name in apis.items() if attribute in body))
    type_ = body["notificationType"]
    paths = {path for method, path in document.operations if method == "POST" and path.lower().endswith(type_.lower())}
    assert len(paths) == 1, f"the document has {document.operations}, none for {type_}"
    document.check_request("POST", paths.pop(), body)


async def test_a_killed_server_loses_no_notification(tmp_path):
    """What is committed when the process dies is delivered by the next one, under the identifier that was tried."""
    server = ServerProcess(tmp_path)
    await server.start()
    try:
        async with subscriber() as listener:
            await server.request("POST", "/vnfpkgm/v2/subscriptions", 201, json={"callbackUri": listener.url})
            entry, _ = await server.request("POST", "/vnfpkgm/v2/vnf_packages", 201, json={})
            listener.down = True
            content = f"/vnfpkgm/v2/vnf_packages/{entry['id']}/package_content"
            await server.request("PUT", content, 202, data=package(VNFS[0]), headers=ZIP)
            [tried] = (await listener.until(1, "attempts"))[:1]
            await server.kill()
            listener.down = False
            await server.start()
            assert await listener.until(1) == [tried]
    finally:
        await server.stop()
