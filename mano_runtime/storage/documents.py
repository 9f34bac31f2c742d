"""Tables of JSON documents of one type."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.schema import SchemaItem

from mano_runtime.storage.dialects import insert_new
from mano_runtime.storage.schema import metadata
from mano_runtime.tenancy import DEFAULT_TENANT, SHARED_TENANT, acting

T = TypeVar("T")
Outline = TypeVar("Outline")
Statement = TypeVar("Statement")

Promotion = Callable[[T], "str | int | None"]

_ID = bindparam("of_id", type_=Text())
_ETAG = bindparam("of_etag", type_=Integer())
_ACTING = bindparam("of_tenant", callable_=lambda: acting().tenant, type_=Text())
"""Known when the statement is executed. Not the names of columns: an update would take them for what it sets."""


class StaleDocumentError(Exception):
    """The document has changed since the etag was read."""


class DuplicateDocumentError(Exception):
    """There is a document with this identifier already."""


class Stored(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A document as it is in the database."""

    id: str
    etag: int
    """1 when inserted, one more with each replacement."""
    document: T
    tenant: str = DEFAULT_TENANT
    """Whose it is."""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Some documents of a longer list."""

    items: list[Stored[T]]
    next: str | None = None
    """What to pass as ``after`` for the documents that follow; None at the end."""


class Documents(Generic[T]):
    """A table of documents: ``id``, ``etag``, ``doc`` (JSON), ``tenant`` and one indexed column for each promoted key.

    A document belongs to the tenant on whose behalf it is inserted (``mano_runtime.tenancy``), for good. Who acts for
    another one neither finds nor changes it: to them it is not there. What is the shared tenant's is read by all where
    the table is ``shareable``, and changed by none but that tenant. Tables of the installation are not ``tenanted``.

    Promoted columns are computed from the document at each write, and are compared for equality only. Identifiers
    are time-ordered, so their order is the order of creation. Every method runs on the caller's connection and
    leaves the commit to it.
    """

    def __init__(
        self,
        table_name: str,
        document_type: type[T],
        *,
        promoted: Mapping[str, Promotion[T]] | None = None,
        extra: Sequence[SchemaItem] = (),
        tenanted: bool = True,
        shareable: bool = False,
        outline: Callable[[T], msgspec.Struct] | None = None,
    ) -> None:
        """Declare the table on ``metadata``; ``extra`` columns and indexes belong to the caller alone.

        ``outline`` makes of a document the small part that most readers want, for :meth:`read_as`.
        """
        self._outline = outline
        self._promoted = dict(promoted or {})
        self._tenanted = tenanted
        self._shareable = shareable
        owned: tuple[SchemaItem, ...] = (
            Column("tenant", Text, nullable=False, server_default=DEFAULT_TENANT),
            Index(f"ix_{table_name}_tenant", "tenant", "id"),
        )
        self._decoder = msgspec.json.Decoder(document_type)
        self._encoder = msgspec.json.Encoder()
        self.table = Table(
            table_name,
            metadata,
            Column("id", Text, primary_key=True),
            Column("etag", Integer, nullable=False),
            Column("doc", Text, nullable=False),
            *([Column("outline", Text)] if outline else []),
            *(Column(key, Text) for key in self._promoted),
            *(Index(f"ix_{table_name}_{key}", key, "id") for key in self._promoted),  # a page of equals is in order
            *(owned if tenanted else ()),
            *extra,
        )
        self._body: ColumnElement[str] = self.table.c.doc
        self._statements: dict[tuple[str, bool], Any] = {}

    async def insert(
        self,
        connection: AsyncConnection,
        id: str,  # noqa: A002  # the seam's word
        document: T,
        *,
        tenant: str | None = None,
    ) -> Stored[T]:
        """Add a document; DuplicateDocumentError when its identifier, or what must be unique in it, is taken.

        It is ``tenant``'s; by default that of the tenant on whose behalf this is done.
        """
        owning = acting().tenant if tenant is None else tenant
        dialect = connection.dialect.name
        statement = self._once(
            f"insert on {dialect}", lambda: insert_new(self.table, dialect).returning(self.table.c.id)
        )
        if (await connection.execute(statement, self._row(id, document, owning))).first() is None:
            raise DuplicateDocumentError(f"{self.table.name} has {id} already")
        return Stored(id=id, etag=1, document=document, tenant=owning if self._tenanted else DEFAULT_TENANT)

    def insertion(self, id: str, document: T, *, tenant: str | None = None) -> Insert:  # noqa: A002  # the seam's word
        """Return the statement that adds a document, for whoever needs nothing but that (``Database.write``)."""
        return insert(self.table).values(self._row(id, document, acting().tenant if tenant is None else tenant))

    def _row(self, id: str, document: T, tenant: str) -> dict[str, Any]:  # noqa: A002  # the seam's word
        owned = {"tenant": tenant} if self._tenanted else {}
        return {"id": id, "etag": 1, **owned, **self._columns(document)}

    async def get(self, connection: AsyncConnection, id: str) -> Stored[T] | None:  # noqa: A002  # the seam's word
        """Return the document, or None when there is none."""
        statement = self._once("get", lambda: self._select().where(self.table.c.id == _ID))
        row = (await connection.execute(statement, {"of_id": id})).one_or_none()
        return None if row is None else self._stored(row)

    async def replace(
        self,
        connection: AsyncConnection,
        id: str,  # noqa: A002  # the seam's word
        document: T,
        *,
        etag: int | None = None,
    ) -> Stored[T]:
        """Put another document in its place; with ``etag`` only when it has not changed since.

        Raises:
            StaleDocumentError: it has another etag.
            KeyError: it is not there.
        """
        values: dict[str, Any] = {"of_id": id, **self._columns(document)}
        if etag is None:
            statement = self._once("replace", self._replacement)
        else:
            statement = self._once("replace unchanged", lambda: self._replacement().where(self.table.c.etag == _ETAG))
            values["of_etag"] = etag
        new = (await connection.execute(statement, values)).one_or_none()
        if new is None:
            if await self._etag(connection, id) is None:
                raise KeyError(id)
            raise StaleDocumentError(f"{self.table.name} {id} has changed since etag {etag}")
        return Stored(id=id, etag=new[0], document=document, tenant=new[1])

    async def delete(self, connection: AsyncConnection, id: str, *, etag: int | None = None) -> bool:  # noqa: A002  # the seam's word
        """Remove the document; False when it was not there, StaleDocumentError when it has another etag."""
        statement = delete(self.table).where(self.table.c.id == id, *self._changeable())
        if etag is not None:
            statement = statement.where(self.table.c.etag == etag)
        if (await connection.execute(statement)).rowcount:
            return True
        if etag is not None and await self._etag(connection, id) is not None:
            raise StaleDocumentError(f"{self.table.name} {id} has changed since etag {etag}")
        return False

    def read_as(self, outline: type[Outline]) -> Documents[Outline]:
        """Return the same table for readers of outlines, which the table must keep. It is not for writing."""
        view = cast("Documents[Outline]", copy.copy(self))
        view._body = self.table.c.outline  # noqa: SLF001  # one of its own
        view._decoder = msgspec.json.Decoder(outline)  # noqa: SLF001  # as above
        view._statements = {}  # noqa: SLF001  # as above
        return view

    async def page(
        self,
        connection: AsyncConnection,
        *,
        equal: Mapping[str, Any] | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[T]:
        """Return up to ``limit`` documents in the order of their identifiers, beginning after ``after``.

        ``equal`` maps promoted keys to a value, or to a list, tuple or set of which any one will do. Stable while
        others insert and delete: nothing is shown twice and nothing that stays is passed over.
        """
        statement = self._where(equal).order_by(self.table.c.id).limit(limit + 1)
        if after is not None:
            statement = statement.where(self.table.c.id > after)
        items = [self._stored(row) for row in await connection.execute(statement)]
        return Page(items=items[:limit], next=items[limit - 1].id if len(items) > limit else None)

    async def all(self, connection: AsyncConnection, *, equal: Mapping[str, Any] | None = None) -> list[Stored[T]]:
        """Return every document that matches, in the order of their identifiers."""
        statement = self._where(equal).order_by(self.table.c.id)
        return [self._stored(row) for row in await connection.execute(statement)]

    def _once(self, name: str, make: Callable[[], Statement]) -> Statement:
        """A statement that is made once for who sees everything, and once for the others: that was half of its cost."""
        key = (name, acting().everywhere)
        if key not in self._statements:
            self._statements[key] = make()
        statement: Statement = self._statements[key]
        return statement

    def _replacement(self) -> ReturningUpdate[Any]:
        replacing = update(self.table).where(self.table.c.id == _ID, *self._changeable())
        return replacing.values(etag=self.table.c.etag + 1).returning(self.table.c.etag, self._tenant())

    def _select(self) -> Select[Any]:
        chosen = select(self.table.c.id, self.table.c.etag, self._body.label("doc"), self._tenant())
        return chosen.where(*self._visible())

    def _tenant(self) -> ColumnElement[str]:
        return self.table.c.tenant if self._tenanted else literal(DEFAULT_TENANT).label("tenant")

    def _visible(self) -> tuple[ColumnElement[bool], ...]:
        """What the documents must fulfil that the acting party may read."""
        party = acting()
        if not self._tenanted or party.everywhere:
            return ()
        if self._shareable:
            return (self.table.c.tenant.in_((_ACTING, SHARED_TENANT)),)
        return (self.table.c.tenant == _ACTING,)

    def _changeable(self) -> tuple[ColumnElement[bool], ...]:
        """What the documents must fulfil that the acting party may change."""
        party = acting()
        return () if not self._tenanted or party.everywhere else (self.table.c.tenant == _ACTING,)

    def _where(self, equal: Mapping[str, Any] | None) -> Select[Any]:
        statement = self._select()
        for key, value in (equal or {}).items():
            if key not in self._promoted:
                raise KeyError(f"{self.table.name} has no promoted column {key!r}")
            column = self.table.c[key]
            several = isinstance(value, list | tuple | set | frozenset)
            statement = statement.where(
                column.in_([_text(one) for one in value]) if several else column == _text(value)  # IS NULL for None
            )
        return statement

    def _columns(self, document: T) -> dict[str, Any]:
        promoted = {key: _text(promotion(document)) for key, promotion in self._promoted.items()}
        outline = {"outline": self._encoder.encode(self._outline(document)).decode()} if self._outline else {}
        return {"doc": self._encoder.encode(document).decode(), **outline, **promoted}

    def _stored(self, row: Any) -> Stored[T]:
        return Stored(id=row.id, etag=row.etag, document=self._decoder.decode(row.doc), tenant=row.tenant)

    async def _etag(self, connection: AsyncConnection, id: str) -> int | None:  # noqa: A002  # the seam's word
        statement = select(self.table.c.etag).where(self.table.c.id == id, *self._changeable())
        etag: int | None = (await connection.execute(statement)).scalar_one_or_none()
        return etag


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
