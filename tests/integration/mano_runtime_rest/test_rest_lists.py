"""Lists are filtered, cut and paged (SOL013 5.2 to 5.4)."""

import pytest

from mano_runtime.rest import Paging

HOUSES = "/estate/v1/houses"


async def test_pages_are_linked_until_the_last(client):
    """Following the links visits every entry once; the query goes with them."""
    seen, url = [], client.make_url(f"{HOUSES}?all_fields")
    while url:
        response = await client.session.get(url)
        page = await response.json()
        assert len(page) <= 10
        assert all("addresses" in house for house in page)
        seen += [house["id"] for house in page]
        url = response.links.get("next", {}).get("url")
    assert seen == list(range(1, 26))


async def test_a_filter_with_reserved_characters_survives_the_link(client):
    """The next page is asked for with the same filter, byte for byte."""
    text = "(in,id,1,12,'a&b=c; ''d''');(neq,even,maybe)"
    response = await client.get(HOUSES, params={"filter": text})
    assert [house["id"] for house in await response.json()] == [1]
    following = response.links["next"]["url"]
    assert following.query["filter"] == text
    assert [house["id"] for house in await (await client.session.get(following)).json()] == [12]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", False),
        ("all_fields", True),
        ("fields=addresses/number", True),
        ("fields=owner", False),
        ("exclude_default", False),
        ("exclude_default&fields=addresses/number", True),
        ("exclude_fields=addresses", False),
        ("exclude_fields=addresses/number", True),
    ],
)
async def test_what_is_left_out_need_not_be_made(client, query, found):
    """A handler makes a costly attribute for those only who are shown it, or part of it, or filter by it."""
    (house,) = await (await client.get(f"{HOUSES}?{query}&filter=(eq,id,3)")).json()
    assert ("addresses" in house) is found
    (same,) = await (await client.get(f"{HOUSES}?{query}&filter=(eq,addresses/number,3)")).json()
    assert same == house


async def test_a_plain_list_omits_the_defaults(client):
    """What the route declares as omitted comes only when asked for."""
    plain = await (await client.get(HOUSES)).json()
    chosen = await (await client.get(f"{HOUSES}?fields=addresses&filter=(eq,id,3)")).json()
    assert plain[0] == {"id": 1, "even": False}
    assert chosen == [{"id": 3, "even": False, "addresses": [{"number": 3}]}]


async def test_a_filter_may_use_what_is_omitted(client):
    """The filter sees the full entry, the selector cuts afterwards."""
    found = await (await client.get(f"{HOUSES}?filter=(eq,addresses/number,4)")).json()
    assert found == [{"id": 4, "even": True}]


async def test_storage_narrows_a_list_by_what_is_indexed(client):
    """A filter on an indexed attribute fills the page with entries that pass, however far apart they are."""
    found = await (await client.get(f"{HOUSES}?filter=(eq,even,true)")).json()
    assert [house["id"] for house in found] == list(range(2, 21, 2))


@pytest.mark.parametrize("paging", [Paging(page_size=0, list_limit=25)])
async def test_without_pages_a_list_is_whole(client):
    """Where paging is off everything comes at once, without a link, and there are no markers."""
    response = await client.get(HOUSES)
    assert [house["id"] for house in await response.json()] == list(range(1, 26))
    assert not response.links
    response = await client.get(f"{HOUSES}?nextpage_opaque_marker=3")
    assert (response.status, (await response.json())["type"]) == (400, "urn:mano:problem:invalid-query")


@pytest.mark.parametrize("paging", [Paging(page_size=0, list_limit=24)])
async def test_without_pages_a_list_may_be_too_big(client):
    """One entry more than the limit is 400 (SOL013 5.4.2); a filter that leaves out enough helps, indexed or not."""
    response = await client.get(HOUSES)
    problem = await response.json()
    assert (response.status, problem["title"]) == (400, "Response too big")
    assert problem["type"] == "urn:mano:problem:response-too-big"
    for text, found in (("(neq,id,1)", 24), ("(eq,even,true)", 12)):
        assert len(await (await client.get(HOUSES, params={"filter": text})).json()) == found
