"""Argon2id, off the event loop and a few at a time: each hashing takes 64 MB while it runs."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_turns = asyncio.Semaphore(2)


@cache
def _nobody() -> str:
    """A hash of nothing in particular, so that an unknown name takes as long as a known one."""
    return _hasher.hash("nobody has this password")


@cache
def hash_now(password: str) -> str:
    """The hash of a demonstration password: one for all its accounts, made once."""
    return _hasher.hash(password)


async def hashed(password: str) -> str:
    """What to keep of a password."""
    async with _turns:
        return await asyncio.to_thread(_hasher.hash, password)


def _holds(kept: str | None, password: str) -> bool:
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


async def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password; None (no such account) takes the same time and is never right."""
    async with _turns:
        return await asyncio.to_thread(_holds, kept, password)
