"""Successful answers carry the headers that SOL013 asks for."""

import pytest

HOUSES = "/estate/v1/houses"


async def test_a_created_resource_is_located(client):
    """201 has an absolute Location, an ETag, the version and links."""
    response = await client.post(HOUSES, json={"owner": "ann", "unheardOf": 1})
    assert response.status == 201
    assert response.headers["Location"] == str(client.make_url(f"{HOUSES}/1"))
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Version"] == "1.2.0"
    assert await response.json() == {"owner": "ann", "_links": {"self": {"href": response.headers["Location"]}}}


async def test_accepted_work_is_located(client):
    """202 has no body and tells where the progress is seen; a body is not needed to ask for the work."""
    for request in ({}, {"json": {}}):
        response = await client.post(f"{HOUSES}/1/paint", **request)
        assert (response.status, await response.read()) == (202, b"")
        assert response.headers["Location"] == str(client.make_url("/estate/v1/works/1"))


async def test_a_deletion_has_no_content(client):
    """204 has neither body nor media type."""
    response = await client.delete(f"{HOUSES}/1")
    assert (response.status, await response.read()) == (204, b"")
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("version", ["1.2.0", "1.2.0-impl:example.com:house:3"])
async def test_the_served_version_is_accepted(client, version):
    """The version may name an implementation, which does not matter (SOL013 9)."""
    assert (await client.get(HOUSES, headers={"Version": version})).status == 200


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.5", ""])
async def test_acceptable_media_types(client, accept):
    """Ranges of media types and weights are understood."""
    assert (await client.get(HOUSES, headers={"Accept": accept})).status == 200


async def test_versions_are_told_at_both_levels(client):
    """api_versions below the name and below the major version name the one version."""
    for prefix in ("/estate", "/estate/v1"):
        response = await client.get(f"{prefix}/api_versions")
        assert await response.json() == {
            "uriPrefix": str(client.make_url(prefix)),
            "apiVersions": [{"version": "1.2.0", "isDeprecated": False}],
        }


@pytest.mark.parametrize("etag", ['"7"', "*", '"1", "7"', None])
async def test_a_change_with_the_current_etag_is_made(client, etag):
    """If-Match with the current tag, any tag or none at all passes."""
    headers = {} if etag is None else {"If-Match": etag}
    response = await client.patch(f"{HOUSES}/1", json={"a": 1}, headers=headers)
    assert (response.status, response.headers["ETag"]) == (200, '"8"')


async def test_a_patch_takes_merge_patch_and_plain_json(client):
    """Both media types mean the same."""
    for media in ("application/merge-patch+json", "application/json; charset=utf-8"):
        response = await client.patch(f"{HOUSES}/1", data=b'{"a": null}', headers={"Content-Type": media})
        assert await response.json() == {"a": None}


async def test_head_answers_as_get_without_the_body(client):
    """HEAD is there wherever GET is."""
    for path in (HOUSES, f"{HOUSES}/1", f"{HOUSES}/1/plan", "/healthz"):
        get, head = await client.get(path), await client.head(path)
        assert (head.status, await head.read()) == (200, b"")
        for name in ("Content-Type", "Content-Length", "ETag"):
            assert head.headers.get(name) == get.headers.get(name)


async def test_a_variable_may_span_segments(client):
    """Paths of artifacts keep their slashes."""
    assert await (await client.get(f"{HOUSES}/1/rooms/cellar/wine%20rack")).json() == {"room": "cellar/wine rack"}


async def test_an_upload_is_streamed_past_the_limit_of_json_bodies(client, plan):
    """A raw route takes more than the limit of a JSON body."""
    response = await client.put(f"{HOUSES}/1/plan", data=plan, headers={"Content-Type": "application/zip"})
    assert await response.json() == {"bytes": len(plan)}
