"""From what OpenStack answers to the contract's errors: the one place where they are translated.

The services word alike failures differently, and answer them with different statuses. What decides is the status, and
where one status has several meanings, the type that Neutron names or the words of the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from vim_adapters.errors import (
    AccessDeniedError,
    AdapterFaultError,
    CapacityError,
    ConflictError,
    DependencyMissingError,
    InvalidSpecError,
    OutcomeUnknownError,
    QuotaError,
    ThrottledError,
    UnreachableError,
    UnsupportedError,
    VimError,
)

_QUOTA = re.compile(r"quota|maximum number of|exceeds? (?:the )?(?:allowed|limit)|limit exceeded", re.IGNORECASE)
_MISSING = re.compile(
    r"could not (?:be found|find)|can ?not find|not found|does not exist|no such|invalid key_name|invalid key name"
    r"|invalid image identifier",
    re.IGNORECASE,
)
_IN_USE = re.compile(
    r"\bin[- ]use\b|status must be|still (?:has|contains)|is attached|already attached|is being used", re.IGNORECASE
)
_UNSUPPORTED = re.compile(r"unrecognized attribute|not supported by|does not support|is not supported", re.IGNORECASE)
NO_ROOM = re.compile(
    r"no valid (?:host|back-?end)|not enough hosts|no weighed back-?ends|insufficient (?:compute )?resources"
    r"|exceeded maximum number of retries|no more ip addresses|no available",
    re.IGNORECASE,
)
"""Words that say that this cloud, or this zone of it, has no room."""

_LONGEST = 1000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a service answered, without what the request was for."""

    status: int
    type: str = ""
    """Neutron's name of the failure."""
    message: str = ""
    request_id: str = ""
    retry_after: float | None = None


def answer_of(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return what matters of an HTTP answer."""
    kind, message = _words(body)
    return Answer(
        status=status,
        type=kind,
        message=message[:_LONGEST],
        request_id=headers.get("x-openstack-request-id") or headers.get("x-compute-request-id") or "",
        retry_after=_seconds(headers.get("retry-after")),
    )


def refusal(answer: Answer, doing: str, *, changes: bool) -> VimError:
    """Return the contract's error for an answer that is no success.

    ``doing`` completes "OpenStack answered 409 to ..."; ``changes`` says whether the request may have had an effect.
    """
    error = _error(answer, changes=changes)
    return error(
        f"OpenStack answered {answer.status} to {doing}",
        vim_message=answer.message,
        request_id=answer.request_id,
        after=answer.retry_after if error is ThrottledError else None,
    )


def fault_family(message: str) -> str:
    """Return what can be done about a resource that came up faulted, from the words of its fault."""
    return "capacity" if NO_ROOM.search(message) else ""


def _error(answer: Answer, *, changes: bool) -> type[VimError]:
    told = _BY_STATUS.get(answer.status)
    if answer.status in _PAUSES and answer.retry_after is not None and not _QUOTA.search(answer.message):
        return ThrottledError
    if told:
        return told
    if answer.status >= 500:  # noqa: PLR2004  # statuses are known by their numbers
        return OutcomeUnknownError if changes else UnreachableError
    if answer.status >= 400:  # noqa: PLR2004  # statuses are known by their numbers
        return _refused(answer)
    return AdapterFaultError


_PAUSES = frozenset({413, 429, 503})
_BY_STATUS: Mapping[int, type[VimError]] = {
    401: AccessDeniedError,
    404: DependencyMissingError,
    406: UnsupportedError,
    413: QuotaError,
    415: InvalidSpecError,
    429: ThrottledError,
    501: UnsupportedError,
}
"""What a status means whatever the words; 413 without a time to wait for is Cinder's way to speak of quotas."""


def _refused(answer: Answer) -> type[VimError]:
    """What a status means whose words decide."""
    if answer.type == "OverQuota":
        return QuotaError
    words, otherwise = _WORDS.get(answer.status, _WORDS[400])
    return next((error for pattern, error in words if pattern.search(answer.message)), otherwise)


_ROOM_WORDS = ((NO_ROOM, CapacityError), (_QUOTA, QuotaError))
_WORDS: Mapping[int, tuple[tuple[tuple[re.Pattern[str], type[VimError]], ...], type[VimError]]] = {
    400: (
        (*_ROOM_WORDS, (_MISSING, DependencyMissingError), (_IN_USE, ConflictError), (_UNSUPPORTED, UnsupportedError)),
        InvalidSpecError,
    ),
    403: (((_QUOTA, QuotaError),), AccessDeniedError),
    409: (_ROOM_WORDS, ConflictError),
}
"""By status: which words mean what, and what it means without them. Other statuses are read as 400."""


def _words(body: bytes) -> tuple[str, str]:
    """Return type and message of an error body, whichever service wrote it; an unknown form is shown as it is."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = re.sub(r"<(style|head)\b.*?</\1>|<[^>]+>", " ", body.decode(errors="replace"), flags=re.DOTALL)
        return "", " ".join(text.split())
    for inner in _candidates(document):
        message = inner.get("message") or inner.get("detail") or inner.get("title")
        if isinstance(message, str) and message:
            return str(inner.get("type", "")), message
    return "", " ".join(body.decode(errors="replace").split())


def _candidates(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        return []
    listed = document.get("errors")
    inner = [*(listed if isinstance(listed, list) else ()), *document.values(), document]
    return [candidate for candidate in inner if isinstance(candidate, dict)]


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header is not None else None
    except ValueError:  # a date: it is near enough to ask again soon
        return 1.0
