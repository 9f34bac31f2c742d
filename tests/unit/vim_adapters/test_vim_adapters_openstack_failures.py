from __future__ import annotations

import json

import pytest

from vim_adapters import errors
from vim_adapters.openstack.failures import answer_of, fault_family, refusal

NOVA_QUOTA = {"forbidden": {"code": 403, "message": "Quota exceeded for instances: Requested 1, but already used 10"}}
NOVA_POLICY = {
    "forbidden": {
        "code": 403,
        "message": "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed.",
    }
}
NEUTRON_QUOTA = {
    "NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": ""}
}
ADDRESS = {"NeutronError": {"type": "IpAddressAlreadyAllocated", "message": "IP address 192.0.2.7 already allocated"}}
NO_ADDRESS = {
    "NeutronError": {"type": "IpAddressGenerationFailure", "message": "No more IP addresses available on network 1."}
}
IN_USE = {
    "NeutronError": {"type": "NetworkInUse", "message": "There are one or more ports still in use on the network"}
}
NO_NETWORK = {"NeutronError": {"type": "NetworkNotFound", "message": "Network 1 could not be found.", "detail": ""}}
NO_IMAGE = {"badRequest": {"code": 400, "message": "Can not find requested image"}}
NO_PORT = {"badRequest": {"code": 400, "message": "Port 1 could not be found."}}
BAD_CIDR = {
    "NeutronError": {"type": "HTTPBadRequest", "message": "Invalid input for cidr. Reason: 'x' isn't recognized"}
}
VOLUME = {"badRequest": {"code": 400, "message": "Invalid volume: Volume status must be available or error"}}
VOLUME_QUOTA = {
    "overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed exceeded"}
}
PLACEMENT = {"errors": [{"status": 403, "title": "Forbidden", "detail": "Policy does not allow it"}]}
KEYSTONE = {
    "error": {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}
}


@pytest.mark.parametrize(
    ("status", "body", "sent", "error", "words"),
    [
        (403, NOVA_QUOTA, (True, None), errors.QuotaError, "Quota exceeded"),
        (403, NOVA_POLICY, (True, None), errors.AccessDeniedError, "Policy doesn't allow"),
        (403, PLACEMENT, (False, None), errors.AccessDeniedError, "Policy does not"),
        (401, KEYSTONE, (False, None), errors.AccessDeniedError, "authentication"),
        (409, NEUTRON_QUOTA, (True, None), errors.QuotaError, "Quota"),
        (409, ADDRESS, (True, None), errors.ConflictError, "192.0.2.7"),
        (409, NO_ADDRESS, (True, None), errors.CapacityError, "No more"),
        (409, IN_USE, (True, None), errors.ConflictError, "in use"),
        (404, NO_NETWORK, (True, None), errors.DependencyMissingError, "Network 1"),
        (400, NO_IMAGE, (True, None), errors.DependencyMissingError, "image"),
        (400, NO_PORT, (True, None), errors.DependencyMissingError, "Port 1"),
        (400, BAD_CIDR, (True, None), errors.InvalidSpecError, "cidr"),
        (400, VOLUME, (True, None), errors.ConflictError, "Volume"),
        (413, VOLUME_QUOTA, (True, "0"), errors.QuotaError, "volumes"),
        (429, {}, (True, "7"), errors.ThrottledError, ""),
        (503, {}, (True, "7"), errors.ThrottledError, ""),
        (503, {}, (True, None), errors.OutcomeUnknownError, ""),
        (500, {}, (True, None), errors.OutcomeUnknownError, ""),
        (504, {}, (True, None), errors.OutcomeUnknownError, ""),
        (500, {}, (False, None), errors.UnreachableError, ""),
        (406, {}, (False, None), errors.UnsupportedError, ""),
        (302, {}, (False, None), errors.AdapterFaultError, ""),
    ],
)
def test_what_openstack_answers_is_an_error_of_the_contract(status, body, sent, error, words):
    """Status, Neutron's type and the message decide; the cloud's own words and its request id are kept."""
    changes, retry_after = sent
    headers = {"x-openstack-request-id": "req-1", **({"retry-after": retry_after} if retry_after else {})}
    answer = answer_of(status, headers, json.dumps(body).encode())
    told = refusal(answer, "POST /ports of the network service", changes=changes)
    assert type(told) is error
    assert words in told.vim_message
    assert told.request_id == "req-1"
    assert f"answered {status} to POST /ports" in told.message


def test_a_pause_is_as_long_as_asked():
    """Retry-After is told in seconds; one that is a date is a short pause, and other errors tell none."""
    assert refusal(answer_of(429, {"retry-after": "7"}, b""), "GET", changes=False).after == 7
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    assert refusal(answer_of(503, {"retry-after": date}, b""), "GET", changes=False).after == 1
    assert refusal(answer_of(409, {"retry-after": "7"}, b""), "GET", changes=False).after is None


def test_pages_are_read_as_text():
    """What a proxy or Glance answers as HTML is told without its markup; an empty answer is told as none."""
    page = b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1>No server</body></html>"
    assert answer_of(503, {}, page).message == "Service Unavailable No server"
    assert answer_of(500, {}, b"").message == ""


@pytest.mark.parametrize(
    ("words", "family"),
    [
        ("No valid host was found. There are not enough hosts available.", "capacity"),
        ("Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures", "capacity"),
        ("Build of instance 1 aborted: the image is corrupt", ""),
    ],
)
def test_faults_for_want_of_room_are_told_apart(words, family):
    """A server that no host takes may come up elsewhere, one whose build was aborted may not."""
    assert fault_family(words) == family
