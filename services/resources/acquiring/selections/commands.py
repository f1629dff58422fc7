"""Taking a list in, choosing, and confirming what was chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.resources.acquiring.checking import queries as checking
from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.selections import queries, rules
from services.resources.acquiring.selections.model import (
    Decision,
    ListState,
    SelectionList,
    SelectionRow,
)
from services.resources.acquiring.selections.reading import table_of
from services.resources.acquiring.suggestions import commands as suggestions
from shared.database import uuid7
from shared.events.resources import SelectionConfirmed, SelectionSentBack, SelectionSubmitted
from shared.states import step
from shared.work import Work

NUMBER = "XD"
AT_ONCE = 1000


async def upload(work: Work, path: Path, *, name: str, supplier: str = "") -> SelectionList:
    """A file becomes a list whose columns are guessed; MARC needs no guess."""
    work.actor.require(*rules.BUYERS)
    table = await asyncio.to_thread(table_of, path, name)
    mapping = {field: n for n, field in enumerate(rules.FIELDS)} if table.marc else rules.guess(table.heads)
    found = SelectionList(
        id=uuid7(), no=await work.number(NUMBER), supplier=supplier.strip()[:120], file_name=name, heads=[] if table.marc else table.heads,
        mapping=dict(mapping), total=len(table.rows), state=ListState.choosing if table.marc else ListState.draft,
        created_by=work.actor.id, created_at=work.now, correlation=work.correlation,
    )
    work.session.add(found)
    await work.session.flush()
    await _fill(work, found, table.rows, mapping)
    return found


async def remap(work: Work, number: str, *, mapping: Mapping[str, Any]) -> SelectionList:
    """The columns are other ones; everything is read and looked up anew, and choosing begins."""
    work.actor.require(*rules.BUYERS)
    found = await _locked(work, number)
    found.state = step(rules.LIFE, found.state, "begin")
    chosen = rules.checked_mapping(mapping, len(found.heads))
    if chosen != found.mapping:
        cells = (await work.session.scalars(
            select(SelectionRow.cells).where(SelectionRow.list_id == found.id).order_by(SelectionRow.number)
        )).all()
        await work.session.execute(delete(SelectionRow).where(SelectionRow.list_id == found.id))
        found.mapping = dict(chosen)
        await _fill(work, found, cells, chosen)
    return found


async def _fill(work: Work, chosen: SelectionList, cells: Sequence[list[str]], mapping: Mapping[str, int]) -> None:
    """All rows, looked up together, in statements of a fixed number per thousand."""
    rows = [rules.row_of(one, mapping) for one in cells]
    titles = [rules.looked_up(row) for row in rows]
    known = await checking.look(work.session, titles)
    same = rules.doubles([title.key if title.title else f"row:{n}" for n, title in enumerate(titles)])
    values = [
        {
            "id": uuid7(), "list_id": chosen.id, "number": n, "cells": list(raw), **row, "key": title.key, "same_row": twin,
            "verdict": found.verdict, "known": found.as_json(), "decision": rules.first_choice(found, twin, row["error"]),
            "copies": 1, "note": "", "decided_by": "", "title_no": "",
        }
        for n, (raw, row, title, found, twin) in enumerate(zip(cells, rows, titles, known, same, strict=True), 1)
    ]
    for at in range(0, len(values), AT_ONCE):
        await work.session.execute(insert(SelectionRow), values[at:at + AT_ONCE])


async def decide(
    work: Work, number: str, *, decision: Decision, copies: int = 1, ids: Sequence[UUID] = (), asked: Mapping[str, str] | None = None,
) -> int:
    """One word for these rows, or for all that `asked` finds; without a title, or twice, nothing is taken."""
    work.actor.require(*rules.CHOOSERS)
    found = await _locked(work, number)
    step(rules.LIFE, found.state, "submit")
    where = queries.conditions(found.id, asked or {})
    if asked is None:
        where.append(SelectionRow.id.in_(ids))
    if decision is Decision.take:
        where += [SelectionRow.title != "", SelectionRow.same_row == 0]
    done = await work.session.execute(
        update(SelectionRow).where(*where).values(
            decision=decision, copies=min(max(copies, 1), rules.MOST_COPIES), decided_by=work.actor.id,
        ).execution_options(synchronize_session=False)
    )
    found.taken = (await queries.counts(work.session, found.id))[Decision.take]
    return int(done.rowcount)  # type: ignore[attr-defined]


async def submit(work: Work, number: str, *, rest: bool = False) -> SelectionList:
    """Chosen: somebody else is to confirm; `rest` leaves out whatever is undecided."""
    work.actor.require(*rules.BUYERS)
    found = await _locked(work, number)
    found.state = step(rules.LIFE, found.state, "submit")
    if rest:
        await work.session.execute(
            update(SelectionRow).where(SelectionRow.list_id == found.id, SelectionRow.decision == Decision.open)
            .values(decision=Decision.leave, decided_by=work.actor.id).execution_options(synchronize_session=False)
        )
    counts = await queries.counts(work.session, found.id)
    if not counts[Decision.take]:
        raise rules.NothingTaken
    if undecided := counts[Decision.open] + counts[Decision.expert]:
        raise rules.Undecided(n=undecided)
    found.taken, found.submitted_by, found.submitted_at = counts[Decision.take], work.actor.id, work.now
    work.emit(SelectionSubmitted(number=found.no, file_name=found.file_name, taken=found.taken), correlation=found.correlation)
    return found


async def send_back(work: Work, number: str, *, note: str) -> SelectionList:
    """Not so: choose again, and why."""
    work.actor.require(*rules.BUYERS)
    found = await _locked(work, number)
    rules.may_confirm(work.actor, found)
    found.state = step(rules.LIFE, found.state, "send_back")
    found.note = note.strip()[:300]
    work.emit(SelectionSentBack(number=found.no, file_name=found.file_name, to=found.submitted_by, reason=found.note), correlation=found.correlation)
    return found


async def confirm(work: Work, number: str) -> tuple[SelectionList, int]:
    """What was chosen is wanted from now on; what came on its way meanwhile is left out. Returns how many are wanted."""
    work.actor.require(*rules.BUYERS)
    found = await _locked(work, number)
    rules.may_confirm(work.actor, found)
    found.state = step(rules.LIFE, found.state, "confirm")
    rows = (await work.session.scalars(
        select(SelectionRow).where(SelectionRow.list_id == found.id, SelectionRow.decision == Decision.take).order_by(SelectionRow.number)
    )).all()
    known = await checking.look(work.session, [rules.looked_up(vars(row)) for row in rows])
    asked: dict[str, str] = {}
    for row, now in zip(rows, known, strict=True):
        if now.coming and now.coming != row.known.get("coming"):
            row.decision, row.note, row.known, row.verdict = Decision.leave, now.coming, now.as_json(), now.verdict
            continue
        wish = await desiderata.want(
            work, title=row.title, author=row.author, publisher=row.publisher, year=row.year, isbn=row.isbn, price_cents=row.price_cents,
            copies=row.copies, origin=Origin.selection, origin_no=found.no, again=True,
        )
        row.title_no = asked[row.key] = wish.no
    await suggestions.answered(work, asked)
    found.taken = sum(row.decision is Decision.take for row in rows)
    found.confirmed_by, found.confirmed_at = work.actor.id, work.now
    work.emit(SelectionConfirmed(number=found.no, file_name=found.file_name, taken=found.taken), correlation=found.correlation)
    return found, found.taken


async def discard(work: Work, number: str) -> SelectionList:
    """Handed in by mistake."""
    work.actor.require(*rules.BUYERS)
    found = await _locked(work, number)
    found.state = step(rules.LIFE, found.state, "discard")
    return found


async def _locked(work: Work, number: str) -> SelectionList:
    await work.session.flush()
    return await work.lock(SelectionList, SelectionList.no == number, what=number)
