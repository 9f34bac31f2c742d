"""Every metric of the stack, declared once; docs/reference/metrics.md explains each to operators.

Names and units follow Prometheus' conventions. A label only ever takes values from a set known in advance
(kinds, verbs, states, route templates); identifiers, paths and messages belong into the log.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

# The moments of creation double the number of series and have no reader.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped

REGISTRY = CollectorRegistry(auto_describe=True)
"""What ``/metrics`` serves: our metrics below, the process, the interpreter and its garbage collector."""
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_CALL_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_OPERATION_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_BATCH_BUCKETS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)

OPERATIONS = Counter(
    "mano_operations",
    "Lifecycle management operations that ended, by level (vnf, ns), kind and outcome (the state they ended in).",
    ("level", "kind", "outcome"),
    registry=REGISTRY,
)
OPERATION_SECONDS = Histogram(
    "mano_operation_duration_seconds",
    "Time from the request of a lifecycle management operation to its end.",
    ("level", "kind", "outcome"),
    buckets=_OPERATION_BUCKETS,
    registry=REGISTRY,
)
OPERATIONS_IN_FLIGHT = Gauge(
    "mano_operations_in_flight",
    "Lifecycle management operations that are being worked on now.",
    ("level",),
    registry=REGISTRY,
)
PLAN_STEPS = Counter(
    "mano_plan_steps",
    "Steps of plans that were executed, by verb and outcome.",
    ("verb", "outcome"),
    registry=REGISTRY,
)
VIM_CALLS = Counter(
    "mano_vim_calls",
    "Calls to virtualised infrastructure managers, by adapter, verb and outcome.",
    ("adapter", "verb", "outcome"),
    registry=REGISTRY,
)
VIM_CALL_SECONDS = Histogram(
    "mano_vim_call_duration_seconds",
    "Time that a call to a virtualised infrastructure manager took.",
    ("adapter", "verb", "outcome"),
    buckets=_CALL_BUCKETS,
    registry=REGISTRY,
)
JOURNAL_COMMITS = Counter(
    "mano_journal_commits",
    "Transactions by which the journal of plan steps was made durable.",
    registry=REGISTRY,
)
JOURNAL_BATCH = Histogram(
    "mano_journal_batch_rows",
    "Rows of the journal that one transaction made durable together.",
    buckets=_BATCH_BUCKETS,
    registry=REGISTRY,
)
QUEUE_DEPTH = Gauge(
    "mano_queue_depth",
    "Operations that are accepted and wait for a worker.",
    registry=REGISTRY,
)
ONBOARDINGS = Counter(
    "mano_onboardings",
    "Packages and descriptors whose onboarding ended, by descriptor (vnfd, nsd) and outcome.",
    ("descriptor", "outcome"),
    registry=REGISTRY,
)
NOTIFICATIONS = Counter(
    "mano_notifications",
    "Notifications to subscribers, by API and outcome: delivered, failed (will be tried again), dropped (too old).",
    ("api", "outcome"),
    registry=REGISTRY,
)
NOTIFICATIONS_WAITING = Gauge(
    "mano_notifications_waiting",
    "Notifications that their subscribers have not taken yet.",
    ("api",),
    registry=REGISTRY,
)
SUBSCRIBER_LAG = Gauge(
    "mano_subscriber_lag_seconds",
    "Age of the oldest notification that this subscriber has not taken yet, by API and subscription.",
    ("api", "subscription"),
    registry=REGISTRY,
)
SUBSCRIBER_ALARMS = Gauge(
    "mano_subscriber_alarms",
    "Subscriptions of which notifications were dropped, as long as nobody has acknowledged that.",
    ("api",),
    registry=REGISTRY,
)
REST_REQUESTS = Counter(
    "mano_rest_requests",
    "REST requests answered, by method, route template and status code.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
REST_SECONDS = Histogram(
    "mano_rest_request_duration_seconds",
    "Time from the head of a REST request to the end of its answer.",
    ("method", "route", "status"),
    buckets=_REQUEST_BUCKETS,
    registry=REGISTRY,
)
ACCESS_REFUSALS = Counter(
    "mano_access_refusals",
    "REST requests that were sent away, by reason: no token, invalid token, scope (not allowed), issuer (has no keys).",
    ("reason",),
    registry=REGISTRY,
)
TOKENS = Counter(
    "mano_tokens",
    "Requests for tokens, by outcome: issued, or the error of RFC 6749 5.2.",
    ("outcome",),
    registry=REGISTRY,
)
EVENT_LOOP_LAG = Gauge(
    "mano_event_loop_lag_seconds",
    "How late the event loop served a timer when last looked at; everything waits that long.",
    registry=REGISTRY,
)
