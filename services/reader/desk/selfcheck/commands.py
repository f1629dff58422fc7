"""Setting terminals up, and what their process writes down."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.selfcheck import rules
from services.reader.desk.selfcheck.model import House, LastAnswer, Terminal, TerminalUse
from services.reader.desk.selfcheck.queries import by_account, house
from shared.events.reader import TerminalChanged
from shared.i18n import N_
from shared.refusals import NotFound
from shared.work import Work

# A password here is drawn by us, 100 random bits: a hash of 8 MB is out of reach for guessing, and two
# hundred machines that come back after a power cut are let in within seconds.
_hasher = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
COUNT_UP = text("""
INSERT INTO terminal_use (terminal_id, connections, messages, seen_at, beat_at)
SELECT r.id, r.connections, r.messages, :now, :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, connections bigint, messages bigint)
ON CONFLICT (terminal_id) DO UPDATE SET
    connections = excluded.connections, messages = terminal_use.messages + excluded.messages,
    seen_at = CASE WHEN excluded.messages > 0 OR excluded.connections > 0 THEN excluded.seen_at ELSE terminal_use.seen_at END,
    beat_at = excluded.beat_at
""")


def draw_password() -> str:
    """Twenty letters and digits that nobody mistakes for one another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(20))


def fits(kept: str, password: str) -> bool:
    """Whether this is the password; slow on purpose, so run in a thread."""
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


async def enlist(work: Work, *, password: str = "", **facts: Any) -> tuple[Terminal, str]:
    """A new terminal; its password is returned once and never again."""
    work.actor.require(*rules.KEEPERS)
    if await by_account(work.session, facts["account"]):
        raise rules.AccountTaken(account=facts["account"])
    password = password or draw_password()
    terminal = Terminal(**facts, password_hash=_hasher.hash(password), created_at=work.now)
    work.session.add(terminal)
    await work.session.flush()
    _tell(work, terminal, "set", N_("设置已改"))
    return terminal, password


async def change(work: Work, *, terminal_id: UUID, **facts: Any) -> Terminal:
    """Other settings; machines that are connected follow within seconds."""
    work.actor.require(*rules.KEEPERS)
    terminal = await work.lock(Terminal, Terminal.id == terminal_id)
    other = await by_account(work.session, facts.get("account", terminal.account))
    if other is not None and other.id != terminal_id:
        raise rules.AccountTaken(account=other.account)
    for name, value in facts.items():
        setattr(terminal, name, value)
    _tell(work, terminal, "set", N_("设置已改"))
    return terminal


async def new_password(work: Work, *, terminal_id: UUID) -> tuple[Terminal, str]:
    """The old password is good for nothing from now on."""
    work.actor.require(*rules.KEEPERS)
    terminal = await work.session.get(Terminal, terminal_id)
    if terminal is None:
        raise NotFound(terminal_id)
    password = draw_password()
    terminal.password_hash = _hasher.hash(password)
    return terminal, password


async def save_house(work: Work, *, institution: str, name: str, magnetic: Sequence[str]) -> None:
    """Who we are before machines."""
    work.actor.require(*rules.KEEPERS)
    kept = await house(work.session)
    if kept is None:
        work.session.add(House(id=1, institution=institution, name=name, magnetic=list(magnetic)))
    else:
        kept.institution, kept.name, kept.magnetic = institution, name, list(magnetic)


async def count_up(work: Work, used: Mapping[UUID, tuple[int, int]]) -> None:
    """Per terminal: connections that are open, messages since the last count."""
    import json

    before = dict((await work.session.execute(
        select(TerminalUse.terminal_id, TerminalUse.connections).where(TerminalUse.terminal_id.in_(list(used)))
    )).all())
    turned = {key: n > 0 for key, (n, _m) in used.items() if (n > 0) != (before.get(key, 0) > 0)}
    for terminal in await work.session.scalars(select(Terminal).where(Terminal.id.in_(turned))) if turned else ():
        on = turned[terminal.id]
        _tell(work, terminal, "on" if on else "off", N_("已连接") if on else N_("已断开"))
    rows = [{"id": str(key), "connections": n, "messages": m} for key, (n, m) in sorted(used.items())]
    await work.session.execute(COUNT_UP, {"rows": json.dumps(rows), "now": work.now})


def _tell(work: Work, terminal: Terminal, how: str, label: str) -> None:
    work.emit(TerminalChanged(terminal_id=str(terminal.id), terminal=terminal.name, how=how, how_label=label))


async def remember(work: Work, *, terminal_id: UUID, wish: str, answer: str) -> None:
    """Keep an answer with the change it tells of: both are committed, or neither."""
    kept = insert(LastAnswer).values(terminal_id=terminal_id, wish=wish, answer=answer, at=work.now)
    await work.session.execute(kept.on_conflict_do_update(
        index_elements=["terminal_id"],
        set_={name: kept.excluded[name] for name in ("wish", "answer", "at")},
    ))
