"""Which failures pass by themselves, and how the others are described."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from shared.messaging.client import WIRE_ERRORS

PASSING = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    PendingRollbackError,
    StaleDataError,
    *WIRE_ERRORS,
)


def passes(error: BaseException) -> bool:
    """Whether the same event may well succeed later: database away, deadlock, lock not granted."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, PASSING)


def described(error: BaseException) -> str:
    """What is kept beside a parked event; statements and their parameters are left out."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return f"{type(error).__name__}: {cause}"[:500]
