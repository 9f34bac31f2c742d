"""Files are answered whole or in part."""

import pytest

PLAN = "/estate/v1/houses/1/plan"


async def test_a_whole_file(client, plan):
    """Without Range the answer is 200 and says that parts can be had."""
    response = await client.get(PLAN)
    assert (response.status, await response.read()) == (200, plan)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["ETag"] == '"plan-1"'
    assert response.content_type == "application/zip"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-300000", 5, 300000),
        ("bytes=1048570-", 1048570, 1048575),
        ("bytes=1048570-9999999", 1048570, 1048575),
        ("bytes=-6", 1048570, 1048575),
        ("bytes=-9999999", 0, 1048575),
    ],
)
async def test_a_part_of_a_file(client, plan, asked, first, last):
    """206 has the bytes and says which."""
    response = await client.get(PLAN, headers={"Range": asked})
    assert (response.status, await response.read()) == (206, plan[first : last + 1])
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/1048576"


@pytest.mark.parametrize("asked", ["bytes=1048576-", "bytes=10-5", "bytes=-0", "bytes=a-b"])
async def test_a_part_that_is_not_there(client, asked):
    """416 tells the length of the file."""
    response = await client.get(PLAN, headers={"Range": asked})
    assert response.status == 416
    assert response.headers["Content-Range"] == "bytes */1048576"


@pytest.mark.parametrize(
    "headers",
    [{"Range": "bytes=0-1,3-4"}, {"Range": "lines=1-2"}, {"Range": "bytes=0-1", "If-Range": '"plan-0"'}],
)
async def test_what_is_not_understood_gets_the_whole(client, plan, headers):
    """Several ranges, other units and ranges of an older file are answered with all of it (RFC 9110 14.2)."""
    response = await client.get(PLAN, headers=headers)
    assert (response.status, await response.read()) == (200, plan)
