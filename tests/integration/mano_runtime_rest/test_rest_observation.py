"""Operators see what the REST layer does."""

import asyncio

import structlog

from mano_runtime import rest
from mano_runtime.metrics import EVENT_LOOP_LAG, REST_REQUESTS
from mano_runtime.rest import observation


def counted(method, route, status):
    return REST_REQUESTS.labels(method, route, status)._value.get()


async def test_requests_are_counted_by_template(client):
    """No identifier, made-up path or made-up method becomes a label."""
    template = "/estate/v1/houses/{houseId}"
    before = counted("GET", template, "200"), counted("other", "unmatched", "405"), counted("GET", "unmatched", "404")
    await client.get("/estate/v1/houses/1")
    await client.get("/estate/v1/houses/2")
    await client.request("PROPFIND", "/estate/v1/houses/2")
    await client.get("/wp-admin")
    after = counted("GET", template, "200"), counted("other", "unmatched", "405"), counted("GET", "unmatched", "404")
    assert [new - old for old, new in zip(before, after, strict=True)] == [2, 1, 1]


async def test_metrics_are_served_in_the_text_format(client):
    """/metrics has our families and the process's."""
    response = await client.get("/metrics")
    text = await response.text()
    assert response.content_type == "text/plain"
    for name in ("mano_rest_requests_total", "mano_event_loop_lag_seconds", "process_cpu_seconds_total"):
        assert f"# TYPE {name} " in text


async def test_liveness_and_readiness(client, obstacles):
    """Alive is not ready: what is in the way is listed, as problem details."""
    assert (await client.get("/readyz")).status == 200
    obstacles += ["migrations run", "no VIM connection"]
    response = await client.get("/readyz")
    problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["obstacles"]) == (503, obstacles)
    assert (await client.get("/healthz")).status == 200


async def test_every_request_is_logged_with_its_id(client):
    """The access log has method, path, status and time; the answer tells the id that the log lines carry."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as log:
        await client.get("/healthz")
        response = await client.get("/estate/v1/houses/404")
    probe, entry = (entry for entry in log if entry["event"] == "request")
    assert (probe["log_level"], entry["log_level"]) == ("debug", "info")
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/estate/v1/houses/404", 404)
    assert entry["request_id"] == response.headers["X-Request-Id"]
    assert entry["milliseconds"] >= 0


async def test_the_lag_of_the_event_loop_is_sampled(monkeypatch):
    """The gauge follows the loop while the application runs, and the sampler ends with it."""
    sampled = asyncio.Event()
    monkeypatch.setattr(observation, "LAG_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(EVENT_LOOP_LAG, "set", lambda lag: sampled.set() if lag >= 0 else None)

    async def ready():
        return []

    async with rest.serving(rest.application(ready=ready), host="127.0.0.1", port=0) as url:
        assert url.port
        await sampled.wait()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "event-loop-lag"]
