"""Secrets of clients: made here, told once, kept as hashes only."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets

_COST, _BLOCK, _LANES = 2**14, 8, 1
"""Of scrypt: 16 MiB and some 50 ms for each guess."""
_SALT_BYTES = 16


def new_secret() -> str:
    """Return a secret that nobody guesses: 256 random bits as text that needs no quoting."""
    return secrets.token_urlsafe(32)


async def hashed(secret: str) -> str:
    """Return what is kept of a secret: ``scrypt:N:r:p:SALT:HASH``."""
    salt = os.urandom(_SALT_BYTES)
    digest = await _scrypt(secret, salt, _COST, _BLOCK, _LANES)
    return f"scrypt:{_COST}:{_BLOCK}:{_LANES}:{_text(salt)}:{_text(digest)}"


async def matches(secret: str, kept: str) -> bool:
    """Whether ``kept`` was made of ``secret``; takes as long when it was not."""
    _, cost, block, lanes, salt, digest = kept.split(":")
    found = await _scrypt(secret, _bytes(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, _bytes(digest))


async def _scrypt(secret: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return await asyncio.to_thread(
        hashlib.scrypt, secret.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=2**26, dklen=32
    )


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
