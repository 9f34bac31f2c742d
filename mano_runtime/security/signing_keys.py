"""The keys that our tokens are signed with (ES256): the newest signs, older ones verify while their tokens last."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any, Self

import msgspec
import structlog
from joserfc.jwk import ECKey, KeySet

from mano_runtime.clock import now, timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.storage import Database, Documents, Vault, VaultError

CURVE = "P-256"
ALGORITHM = "ES256"
_log = structlog.get_logger(__name__)


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept."""

    id: str
    """What tokens name it by (``kid``)."""
    created_at: str
    """UTC, ISO 8601."""
    sealed: str
    """The private key, a JSON Web Key (RFC 7517), sealed."""


SIGNING_KEYS = Documents("signing_keys", SigningKey, tenanted=False)


class SigningKeys:
    """The keys of one installation, in memory, and in its database."""

    def __init__(self, database: Database, vault: Vault, *, age: float, lifetime: float) -> None:
        self._database = database
        self._vault = vault
        self._age = timedelta(seconds=age)
        self._lifetime = timedelta(seconds=lifetime)
        self._keys: list[SigningKey] = []
        self._verifying = KeySet([])
        self._signing: ECKey | None = None

    @classmethod
    async def open(cls, database: Database, vault: Vault, *, age: float, lifetime: float) -> Self:
        """Read the keys; one is made where there is none, or the newest is older than ``age`` seconds.

        ``lifetime`` is that of tokens, in seconds: so long a key that was replaced is still good.
        """
        keys = cls(database, vault, age=age, lifetime=lifetime)
        async with database.transaction() as connection:
            keys._take([stored.document for stored in await SIGNING_KEYS.all(connection)])
            for key in keys._keys:
                if not vault.is_current(key.sealed):
                    await SIGNING_KEYS.replace(connection, key.id, keys._sealed(key, keys._opened(key)))
        await keys.current()
        return keys

    async def current(self) -> ECKey:
        """Return the key that signs now; it is replaced when it has become too old."""
        if self._signing is None or now() - datetime.fromisoformat(self._keys[-1].created_at) > self._age:
            await self.rotate()
        assert self._signing is not None  # noqa: S101  rotate leaves one
        return self._signing

    async def rotate(self) -> str:
        """Sign with a new key from now on, and return its name; keys that no token can need are forgotten."""
        name = new_id()
        made = ECKey.generate_key(CURVE, {"kid": name, "use": "sig", "alg": ALGORITHM})
        key = self._sealed(SigningKey(id=name, created_at=timestamp(), sealed=""), made)
        async with self._database.transaction() as connection:
            await SIGNING_KEYS.insert(connection, name, key)
            kept = [stored.document for stored in await SIGNING_KEYS.all(connection)]
            for old, successor in itertools.pairwise(kept):
                if now() - datetime.fromisoformat(successor.created_at) > self._lifetime:
                    await SIGNING_KEYS.delete(connection, old.id)
                    kept = [each for each in kept if each.id != old.id]
        self._take(kept)
        return name

    @property
    def verifying(self) -> KeySet:
        """The keys of tokens that may still be good."""
        return self._verifying

    def public(self) -> dict[str, Any]:
        """Return what others verify our tokens with (RFC 7517 5)."""
        return {"keys": [key.as_dict(private=False) for key in self._verifying.keys]}

    def _take(self, keys: list[SigningKey]) -> None:
        self._keys, opened = [], []
        for key in keys:
            try:
                opened.append(self._opened(key))
            except VaultError as error:
                _log.warning("tokens that were signed with a lost key are good no longer", key=key.id, why=str(error))
            else:
                self._keys.append(key)
        self._verifying = KeySet(list(opened))
        self._signing = opened[-1] if opened else None

    def _sealed(self, key: SigningKey, private: ECKey) -> SigningKey:
        text = msgspec.json.encode(private.as_dict(private=True))
        return msgspec.structs.replace(key, sealed=self._vault.seal(text, _place(key)))

    def _opened(self, key: SigningKey) -> ECKey:
        return ECKey.import_key(msgspec.json.decode(self._vault.unseal(key.sealed, _place(key))))


def _place(key: SigningKey) -> str:
    return f"signing_keys/{key.id}"
