"""Why a VIM did not do what was asked, named by what the caller can do next.

    VimError
    ├── RetryLaterError       the same call may succeed later
    │   ├── UnreachableError      no connection, or none in time, before anything was sent
    │   ├── ThrottledError        the VIM asks for a pause (``after`` seconds where it said so)
    │   └── OutcomeUnknownError   the answer was lost: look for the resource by its identity
    ├── RetryElsewhereError   this VIM or zone cannot, another may
    │   ├── CapacityError         no host has room
    │   └── QuotaError            the project's quota is used up
    ├── NeedsOperatorError    a person must change something first
    │   ├── AccessDeniedError     credentials wrong, expired or not allowed to do this
    │   └── MisconfiguredError    the connection's settings cannot work
    ├── RequestRefusedError   the same request will always be refused
    │   ├── InvalidSpecError      the VIM does not accept the spec
    │   ├── UnsupportedError      the VIM has no such capability
    │   ├── DependencyMissingError   something that the spec names is not there
    │   └── ConflictError         the identity is taken by something with another spec, or the resource is in use
    └── AdapterFaultError     the adapter or the VIM broke the contract: a defect

Only these leave an adapter. Absent and faulted resources are answers, not errors.
"""

from __future__ import annotations

import re


class VimError(Exception):
    """The VIM did not do what was asked."""

    title = "The VIM did not do what was asked"

    def __init__(
        self, message: str, *, vim_message: str = "", request_id: str = "", after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.vim_message = vim_message
        """The VIM's own words."""
        self.request_id = request_id
        """By which the VIM's operator finds the call in the VIM's logs."""
        self.after = after
        """Seconds that the VIM asks the caller to wait."""


class RetryLaterError(VimError):
    """The same call may succeed later."""

    title = "The VIM could not do it now"


class UnreachableError(RetryLaterError):
    """Nothing was sent: no connection, or none in time."""

    title = "The VIM cannot be reached"


class ThrottledError(RetryLaterError):
    """The VIM asks for a pause."""

    title = "The VIM asks for a pause"


class OutcomeUnknownError(RetryLaterError):
    """The request was sent and the answer was lost; the resource may exist."""

    title = "The VIM's answer was lost"


class RetryElsewhereError(VimError):
    """This VIM or zone cannot; another may."""

    title = "The VIM has no room"


class CapacityError(RetryElsewhereError):
    """No host has room for it."""

    title = "No host of the VIM has room"


class QuotaError(RetryElsewhereError):
    """The project's quota is used up."""

    title = "The VIM's quota is used up"


class NeedsOperatorError(VimError):
    """A person must change something first."""

    title = "The VIM connection needs attention"


class AccessDeniedError(NeedsOperatorError):
    """Credentials are wrong or expired, or do not allow this."""

    title = "The VIM denied access"


class MisconfiguredError(NeedsOperatorError):
    """The connection's settings cannot work."""

    title = "The VIM connection is misconfigured"


class RequestRefusedError(VimError):
    """The same request will always be refused."""

    title = "The VIM refused the request"


class InvalidSpecError(RequestRefusedError):
    """The VIM does not accept the spec."""

    title = "The VIM does not accept the specification"


class UnsupportedError(RequestRefusedError):
    """The VIM lacks the capability."""

    title = "The VIM lacks the capability"


class DependencyMissingError(RequestRefusedError):
    """Something that the spec names is not on the VIM."""

    title = "Something that is needed is not on the VIM"


class ConflictError(RequestRefusedError):
    """The identity belongs to something with another spec, or the resource is in use."""

    title = "The request conflicts with what is on the VIM"


class AdapterFaultError(VimError):
    """The adapter, or the VIM behind it, broke the contract."""

    title = "The VIM adapter failed"


def slug(error: VimError | type[VimError]) -> str:
    """Return the error's name for machines: ``outcome_unknown`` for OutcomeUnknownError."""
    cls = error if isinstance(error, type) else type(error)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.removesuffix("Error")).lower()


def family(error: VimError | type[VimError]) -> str:
    """Return what the caller can do next, as a name for machines.

    One of retry_later, retry_elsewhere, needs_operator, request_refused and adapter_fault.
    """
    cls = error if isinstance(error, type) else type(error)
    lineage = cls.__mro__
    return slug(lineage[max(0, lineage.index(VimError) - 1)])
