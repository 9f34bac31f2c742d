"""Operations in the database."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Documents
from mano_runtime.workflow.operation import OPEN_STATES, Operation

_OPEN = text("state IN ('STARTING', 'PROCESSING', 'ROLLING_BACK', 'FAILED_TEMP')")

OPERATIONS = Documents(
    "operations",
    Operation,
    promoted={
        "level": lambda operation: operation.level,
        "kind": lambda operation: operation.kind,
        "subject": lambda operation: operation.subject,
        "state": lambda operation: operation.state,
        "parent": lambda operation: operation.parent,
    },
    extra=(
        Column("epoch", Integer, nullable=False, server_default="0"),
        # A subject has one open operation at most, whatever the program does.
        Index("uq_operations_open", "level", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    ),
)
"""Every operation. ``epoch`` is the number of the attempt that may write its journal and move it on."""

FIRST_EPOCH = 1
"""Of the first attempt at an operation: nobody has written into its journal before."""


_TABLE = OPERATIONS.table
_THAT = _TABLE.c.id == bindparam("of_id")
_RAISED = update(_TABLE).where(_THAT).values(epoch=_TABLE.c.epoch + 1).returning(_TABLE.c.epoch)
_VERSION = select(_TABLE.c.epoch, _TABLE.c.etag).where(_THAT)


async def open_operation(connection: AsyncConnection, level: str, subject: str) -> Operation | None:
    """Return the operation of the subject that has not ended, if there is one."""
    equal = {"level": level, "subject": subject, "state": OPEN_STATES}
    found = await OPERATIONS.page(connection, equal=equal, limit=1)
    return found.items[0].document if found.items else None


async def raise_epoch(connection: AsyncConnection, operation: str) -> int:
    """Shut out whoever worked on the operation so far, and return the epoch to work in."""
    epoch: int = (await connection.execute(_RAISED, {"of_id": operation})).scalar_one()
    return epoch


async def epoch_of(connection: AsyncConnection, operation: str) -> int:
    """Return the epoch of the attempt that holds the operation; 0 before the first, KeyError when it is unknown."""
    return (await version_of(connection, operation))[0]


async def version_of(connection: AsyncConnection, operation: str) -> tuple[int, int]:
    """Return the operation's epoch, and the etag of what is stored; KeyError when it is unknown."""
    row = (await connection.execute(_VERSION, {"of_id": operation})).one_or_none()
    if row is None:
        raise KeyError(operation)
    return row.epoch, row.etag
