"""Why something that was asked for cannot be planned."""

from __future__ import annotations


class PlanningRefusedError(Exception):
    """What was asked for does not fit the VNFD, the VNF's size or the grant; nothing was touched.

    ``attribute`` is the path of the request's attribute that is to blame; ``detail`` says what is wrong and what
    would be right.
    """

    def __init__(self, attribute: str, detail: str) -> None:
        super().__init__(f"{attribute}: {detail}")
        self.attribute = attribute
        self.detail = detail
