"""Why a request cannot be planned, in words that name the attribute."""

from __future__ import annotations

from collections.abc import Iterable


class PlanningRefusedError(Exception):
    """The request asks for something that the descriptor does not have, or that is not possible; nothing was done."""

    def __init__(self, attribute: str, detail: str) -> None:
        super().__init__(f"{attribute}: {detail}")
        self.attribute = attribute
        """Path in the request: ``scaleNsData.scaleNsByStepsData.aspectId``."""
        self.detail = detail


def unknown(attribute: str, value: str, holder: str, known: Iterable[str]) -> PlanningRefusedError:
    """Return the refusal of a name that ``holder`` does not have, with the names that it has."""
    return PlanningRefusedError(attribute, f"{holder} has no {value!r}; it has {', '.join(sorted(known)) or 'none'}")
