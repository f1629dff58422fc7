"""Actions that take longer than a page may: asked for at the door, carried out beside it, seen on the record's page.

The door checks what it would check anyhow (right, state, version, form) and writes an errand down; a runner of the department takes the
action in a transaction of its own, in which the errand ends too. So it happens once: whoever dies in it leaves it waiting, and of several
replicas the one that holds its row does it. A refusal that comes up then stays on the page until the next try.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from shared.i18n import N_, _, language, speaking
from shared.identity import Actor
from shared.messaging.failures import passes
from shared.refusals import Refusal
from shared.web.register import moves
from shared.web.register.people import names
from shared.web.register.tables import errand
from shared.work import Work, Works

if TYPE_CHECKING:
    from shared.web.register.declare import Register

log = structlog.get_logger()

SENT = N_("{no}：{act}，已提交，正在后台办理")
BROKEN = N_("程序出错，未办成，已记入日志")
TOO_LONG = N_("数据量太大，超过了限定的时间，请缩小范围或联系系统管理员")
TOOK_TOO_LONG = "57014"  # PostgreSQL ended the statement at its limit
EVERY = 1.0


class UnderWay(Refusal):
    """An action of this record is being carried out."""

    code = "under-way"
    status = 409
    message = N_("这一条正在后台办理，请等它办完")


async def put_off(
    register: Register, work: Work, key: str, name: str, asked: Mapping[str, Any], *, version: int | None = None,
) -> bool:
    """Whether the action is carried out later, and not by the caller; refused at once if it would be refused now."""
    action = moves.verb(register, name)
    if not _any_long(register):
        return False
    waits = (errand.c.register == register.slug, errand.c.key == key, errand.c.trouble.is_(None))
    if await work.session.scalar(select(errand.c.key).where(*waits)):
        raise UnderWay
    if action.long is None:
        return False
    record, _target, _form = await moves.checked(register, work, key, action, asked, version=version)
    if not await action.long(work, record):
        return False
    await want(work, register.slug, key, name, asked)
    return True


async def want(work: Work, slug: str, key: str, action: str, asked: Mapping[str, Any] | None = None) -> None:
    """As `work.actor`, in whose language a refusal will be said; `UnderWay` while another action of the record is."""
    row = {
        "action": action, "asked": dict(asked or {}), "actor": asdict(work.actor), "language": language(), "since": work.now, "trouble": None,
    }
    taken = await work.session.scalar(
        insert(errand).values(register=slug, key=key, **row)
        .on_conflict_do_update(index_elements=["register", "key"], set_=row, where=errand.c.trouble.is_not(None)).returning(errand.c.key)
    )
    if taken is None:
        raise UnderWay


async def of(register: Register, work: Work, record: Any) -> dict[str, Any] | None:
    """The errand of a record, for its page: what is done or could not be done, asked by whom and when."""
    if not _any_long(register):
        return None
    key = register.key_of(record)
    row = (await work.session.execute(select(errand).where(errand.c.register == register.slug, errand.c.key == key))).first()
    if row is None or (row.trouble is not None and record.updated_at > row.since):
        return None
    known = await names(work, [row.actor["id"]])
    return {
        "label": _(register.verbs[row.action].label), "who": known.get(row.actor["id"], row.actor["id"]), "since": row.since,
        "trouble": row.trouble,
    }


def _any_long(register: Register) -> bool:
    return any(action.long for action in register.actions)


class Errands:
    """Carries out what was asked of these registers, one after the other."""

    def __init__(self, works: Works, registers: Sequence[Register]) -> None:
        self.works = works
        self.registers = {one.slug: one for one in registers if _any_long(one)}
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look from now on, where there is anything to look for."""
        if self.registers:
            self.task = asyncio.create_task(self._run(), name="errands")

    async def end(self) -> None:
        """Stop; what was begun is rolled back and waits."""
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Exception as error:
                # The database may be away for a while; the errand waits.
                log.warning("errand will be tried again", error=type(error).__name__, exc_info=not passes(error))
            await asyncio.sleep(EVERY)

    async def once(self) -> int:
        """Everything that waits and no other replica holds; how many were carried out or refused."""
        async with self.works.open() as work:
            waiting = (await work.session.execute(
                select(errand).where(errand.c.trouble.is_(None), errand.c.register.in_(self.registers)).order_by(errand.c.since)
            )).all()
        return sum([await self._carry_out(row) for row in waiting])

    async def _carry_out(self, row: Row[Any]) -> bool:
        said = {**row.actor, "posts": tuple(row.actor["posts"]), "subposts": tuple(row.actor["subposts"])}
        mine = (errand.c.register == row.register, errand.c.key == row.key, errand.c.trouble.is_(None))
        with speaking(row.language):
            try:
                async with self.works.open(Actor(**said)) as work:
                    held = select(errand.c.key).where(*mine).with_for_update(skip_locked=True)
                    if await work.session.scalar(held) is None:
                        return False
                    await moves.act(self.registers[row.register], work, row.key, row.action, row.asked)
                    await work.session.execute(delete(errand).where(*mine))
            except Refusal as refusal:
                trouble = _("；").join(str(reason) for reason in refusal.reasons) or str(refusal)
            except Exception as error:
                too_long = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") == TOOK_TOO_LONG
                if passes(error) and not too_long:
                    raise
                log.exception("errand failed", register=row.register, key=row.key, action=row.action)
                trouble = _(TOO_LONG if too_long else BROKEN)
            else:
                return True
        async with self.works.open() as work:
            await work.session.execute(update(errand).where(*mine).values(trouble=trouble, since=work.now))
        return True
