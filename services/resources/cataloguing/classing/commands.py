"""Giving out call numbers."""

from __future__ import annotations

from sqlalchemy import text

from services.resources.cataloguing.classing import queries, rules
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc import typed
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions import queries as saved
from services.resources.cataloguing.versions.model import Origin
from shared.i18n import N_, _
from shared.work import Work

# The row is there and locked before the shelf is looked at: the second taker sees what the first one took.
_HOLD = text("INSERT INTO class_counter (mark, last) VALUES (:mark, 0) ON CONFLICT (mark) DO UPDATE SET last = class_counter.last")
_TAKE = text("UPDATE class_counter SET last = :number WHERE mark = :mark")


async def take_number(work: Work, mark: str) -> str:
    """The next free call number of a class; never given twice, whether it is used or not."""
    work.actor.require(*CATALOGUERS)
    mark = rules.checked(mark)
    await work.session.execute(_HOLD, {"mark": mark})
    number = await queries.highest(work.session, mark) + 1
    await work.session.execute(_TAKE, {"mark": mark, "number": number})
    return f"{mark}/{number}"


async def assign(work: Work, key: str, *, mark: str, base: int) -> versions.Saved:
    """Class a record and give it the next number, as one more version."""
    work.actor.require(*CATALOGUERS)
    record = await by_key(work.session, key)
    marc = await saved.working(work.session, record)
    call = await take_number(work, mark)
    new = typed.write(marc, {"clc": rules.checked(mark), "call_number": call})
    return await versions.save(work, key, new, base=base, reason=_(N_("取索书号 {call}"), call=call), origin=Origin.form)
