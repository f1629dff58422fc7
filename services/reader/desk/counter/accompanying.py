"""The discs of a book at the counter: lent with it in one press, checked in the row they came back in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.reader.desk.counter import rules
from services.reader.desk.counter.commands import own, scan, send_on
from services.reader.desk.counter.model import Line, Outcome, Sitting
from services.reader.desk.discs import commands as discs
from services.reader.desk.discs.commands import Checked
from services.reader.desk.patrons.model import Patron
from shared.refusals import NotFound
from shared.work import Work


async def lend_disc(work: Work, line_id: UUID, *, barcode: str) -> tuple[Sitting, Line]:
    """The disc of the book of this line to the same patron, while that patron stands at the desk."""
    sitting, line = await own(work, line_id)
    offered = line.facts.get("discs", [])
    if line.outcome is not Outcome.lent or all(one["barcode"] != barcode for one in offered):
        raise NotFound(barcode)
    card = await work.session.scalar(select(Patron.card).where(Patron.id == sitting.patron_id))
    if line.round != sitting.round or card != line.card:
        raise rules.PatronGone
    made = await scan(work, sitting, code=barcode, mode=line.mode)
    if made is None:
        raise NotFound(barcode)
    line.facts = {**line.facts, "discs": [
        {**one, "free": False, "state": made.outcome.label} if one["barcode"] == barcode else one for one in offered
    ]}
    return sitting, made


async def check_line(work: Work, line_id: UUID, *, at: str = "", **found: Any) -> tuple[Sitting, Line, Checked]:
    """The check of the disc of this line, and where the disc goes now."""
    sitting, line = await own(work, line_id)
    number = line.facts.get("check")
    if not number:
        raise NotFound(line.title)
    done = await discs.decide(work, number=number, at=at, **found)
    line.facts = {"checked": number, "verdict": done.check.state.label, "tone": done.check.state.tone}
    line.slip = done.check.slip
    if done.next:
        await send_on(work, line, next_=done.next, hold=done.hold, way=done.transit)
    if done.hold is not None and done.transit is None:
        line.outcome = Outcome.kept
    return sitting, line, done
