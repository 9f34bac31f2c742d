"""Secrets at rest: sealed with a key of the installation that lies beside the database, not in it.

A sealed secret is text, ``mano1:KEY:...``: the version of the form, which key it needs, and nonce and ciphertext of
AES-256-GCM. It opens only at the place that it was sealed for, so nobody who can write the database can swap two of
them. The key file has one key a line; the first seals, all of them open.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Table, Text, delete, insert, select

from mano_runtime.clock import timestamp
from mano_runtime.storage.database import Database
from mano_runtime.storage.schema import metadata

FORM = "mano1"
"""Version of the form of sealed secrets; another form gets another word."""
CIPHER = "aes256gcm"
"""By which a line of the key file says what its key is for."""
_KEY_BYTES = 32
_NONCE_BYTES = 12
_PRIVATE = 0o600
_HEADER = "# Keys of this installation (docs/guides/operating.md): the first seals, all open. Keep a copy apart.\n"

KEYS = Table(
    "sealing_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("since", Text, nullable=False),  # when it became the one that seals; UTC, ISO 8601
)
"""Which keys something may be sealed with: their names, never the keys."""


class VaultError(Exception):
    """A secret cannot be sealed or opened; the message says what to do."""


class LostKeyError(VaultError):
    """The key that is needed is not in the key file."""


class KeyFileError(VaultError):
    """The key file cannot be used as it is."""


class TamperedError(VaultError):
    """What is stored is not what was sealed, or not for this place."""


class Vault:
    """Seals secrets and opens them again. A value: safe to use from any task or thread."""

    def __init__(self, keys: Mapping[str, bytes], file: Path) -> None:
        """Seal with the first of ``keys`` (by name); ``file`` is where they came from, for messages."""
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(self._ciphers))
        self._file = file

    @classmethod
    async def open(cls, database: Database, file: Path) -> Self:
        """Open the vault of an installation; the first time its key is made.

        A file that is not there is only made while nothing is sealed, so that a lost key is never papered over. An
        empty file is the operator's word that the keys are gone: a new key is made, and what was sealed stays shut.

        Raises:
            LostKeyError: something may be sealed with a key that is not in the file.
            KeyFileError: the file cannot be read, is no key file, or can be read by others.
        """
        async with database.transaction() as connection:
            needed = set((await connection.execute(select(KEYS.c.id))).scalars())
            text = await asyncio.to_thread(_read, file)
            if text is None and needed:
                raise LostKeyError(
                    f"{file} is not there, and the database has secrets that are sealed with {_named(needed)} of it: "
                    "bring the file back from a backup. If it is lost for good put an empty file in its place, and "
                    "give the credentials of VIMs and subscribers anew"
                )
            keys = _parsed(text or "", file)
            if not keys:
                key = AESGCM.generate_key(8 * _KEY_BYTES)
                keys = {_name(key): key}
                await asyncio.to_thread(_write, file, key)
                await connection.execute(delete(KEYS))
            elif missing := needed - keys.keys():
                raise LostKeyError(
                    f"{file} has not {_named(missing)}, with which secrets in the database are sealed: add its line "
                    "below the first one. It may go once the server has started with both"
                )
            vault = cls(keys, file)
            if vault._current not in needed or not text:
                await connection.execute(insert(KEYS).values(id=vault._current, since=timestamp()))
        return vault

    def seal(self, secret: bytes, place: str) -> str:
        """Return the secret as text that says nothing; ``place`` names where it is kept, and must be given again."""
        nonce = os.urandom(_NONCE_BYTES)
        prefix = f"{FORM}:{self._current}:"
        sealed = nonce + self._ciphers[self._current].encrypt(nonce, secret, _bound(prefix, place))
        return prefix + base64.urlsafe_b64encode(sealed).decode()

    def unseal(self, sealed: str, place: str) -> bytes:
        """Return what was sealed for ``place``.

        Raises:
            LostKeyError: its key is not in the key file.
            TamperedError: it was changed, was sealed for another place, or is of a form that is not known.
        """
        form, _, rest = sealed.partition(":")
        name, _, text = rest.partition(":")
        if form != FORM:
            raise TamperedError(f"the secret of {place} is sealed in a form that is not known: {form[:16]!r}")
        if name not in self._ciphers:
            raise LostKeyError(
                f"the secret of {place} is sealed with the key {name}, which {self._file} has not: "
                "bring its line back from a backup, or give the secret anew"
            )
        try:
            binary = base64.urlsafe_b64decode(text)
            nonce, ciphertext = binary[:_NONCE_BYTES], binary[_NONCE_BYTES:]
            return self._ciphers[name].decrypt(nonce, ciphertext, _bound(f"{FORM}:{name}:", place))
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise TamperedError(f"the secret of {place} is not what was sealed there: give it anew") from error

    def is_current(self, sealed: str) -> bool:
        """Whether it is sealed with the key that seals now, in the form of now; if not, it is to be sealed again."""
        return sealed.startswith(f"{FORM}:{self._current}:")

    async def retire(self, database: Database) -> None:
        """Tell that everything that opens is sealed with the current key: the others may go from the key file."""
        async with database.transaction() as connection:
            await connection.execute(delete(KEYS).where(KEYS.c.id != self._current))


def _bound(prefix: str, place: str) -> bytes:
    return f"{prefix}{place}".encode()


def _name(key: bytes) -> str:
    return hashlib.sha256(b"name of a sealing key\0" + key).hexdigest()[:12]


def _named(names: set[str]) -> str:
    return f"the key{'s' if len(names) > 1 else ''} {', '.join(sorted(names))}"


def _read(file: Path) -> str | None:
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"the key file {file} cannot be read: {error}") from error
    if mode & 0o077:
        raise KeyFileError(f"the key file {file} can be reached by others than its owner: chmod 600 {file}")
    return text


def _parsed(text: str, file: Path) -> dict[str, bytes]:
    keys = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cipher, _, encoded = line.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if cipher != CIPHER or len(key) != _KEY_BYTES:
            raise KeyFileError(f"{file}:{number}: a key is {CIPHER}: and {_KEY_BYTES} bytes in base64")
        keys[_name(key)] = key
    return keys


def _write(file: Path, key: bytes) -> None:
    """Write the first key; whole and on the disk before anything is sealed with it."""
    made = file.with_name(f"{file.name}.new")
    made.unlink(missing_ok=True)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "w") as out:
        out.write(f"{_HEADER}{CIPHER}:{base64.b64encode(key).decode()}\n")
        out.flush()
        os.fsync(descriptor)
    made.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
