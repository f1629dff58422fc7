"""Looking at a file, applying it, putting it away."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from sqlalchemy import func, select, text

from services.reader.desk import HEAD
from services.reader.desk.campus import reading, rules
from services.reader.desk.campus.model import CardFile, CardRow, Fate
from services.reader.desk.campus.taking import TAKEN, known, owners
from shared.database import driver, uuid7
from shared.i18n import N_
from shared.states import step
from shared.work import Work

_PUT = "COPY card_row (file_id, line, card, fate, data, note, params) FROM STDIN"
# Campus patrons a complete list does not name; `of` is how many there are in all.
_ABSENT = text("""
INSERT INTO card_row (file_id, line, card, fate, data, note, params)
SELECT :file, 0, p.card, 'leave', jsonb_build_object('name', p.name, 'status', 'left'), :note,
       jsonb_build_object('of', (SELECT count(*) FROM patron WHERE source = 'campus' AND state <> 'closed'))
FROM patron p WHERE p.source = 'campus' AND p.state <> 'closed'
  AND NOT EXISTS (SELECT FROM card_row r WHERE r.file_id = :file AND r.card = p.card)
ORDER BY p.card
""")


async def look(work: Work, source: BinaryIO, *, name: str, full: bool = False) -> CardFile:
    """Keep the rows of a file with what would become of each; nothing of a patron is touched.

    `full` says that the file lists everybody: campus patrons it does not name are leaving. The file is read
    and written down chunk by chunk, so that its length costs time and no memory.
    """
    work.actor.require(*HEAD)
    file = CardFile(
        id=uuid7(), number=await work.number(rules.NUMBERS), file_name=name[:200],
        digest=await asyncio.to_thread(reading.digest, source), full=full, rows=0, created_by=work.actor.id,
        posts=" ".join(work.actor.posts), created_at=work.now, correlation=work.correlation,
    )
    work.session.add(file)
    await work.session.flush()
    lines = reading.rows(source, name)
    while chunk := await asyncio.to_thread(_some, lines):
        await _put(work, file, chunk)
        file.rows += len(chunk)
    if full:
        await work.session.execute(_ABSENT, {"file": file.id, "note": N_("全量名单中没有此人")})
    counted = await work.session.execute(
        select(CardRow.fate, func.count()).where(CardRow.file_id == file.id).group_by(CardRow.fate)
    )
    file.counts = {fate.value: n for fate, n in counted}
    return file


def _some(lines: Iterator[reading.Read]) -> list[reading.Read]:
    return list(itertools.islice(lines, rules.CHUNK))


async def _put(work: Work, file: CardFile, chunk: Sequence[reading.Read]) -> None:
    people = await known(work, [row.card for row in chunk])
    taken = await owners(work, [row.data["chip"] for row in chunk if "chip" in row.data])
    link = await driver(work.session)
    async with link.cursor() as cursor, cursor.copy(_PUT) as copy:
        for row in chunk:
            fate, note, params = _foreseen(row, people.get(row.card), taken)
            await copy.write_row((
                file.id, row.line, row.card, fate.value, json.dumps(row.data, ensure_ascii=False), note,
                json.dumps(params, ensure_ascii=False),
            ))


def _foreseen(row: reading.Read, patron: Any, taken: dict[str, Any]) -> tuple[Fate, str, dict[str, Any]]:
    if row.note:
        return Fate.refused, row.note, row.params
    owner = taken.get(row.data.get("chip", ""))
    if owner is not None and (patron is None or owner != patron.id):
        return Fate.refused, TAKEN, {}
    if patron is not None and patron.card != row.card:
        return Fate.refused, N_("该证已换为 {card}"), {"card": patron.card}
    return rules.fate(row.data, patron), "", {}


async def apply(work: Work, *, number: str) -> CardFile:
    """Let the job begin."""
    work.actor.require(*HEAD)
    file = await work.lock(CardFile, CardFile.number == number, what=number)
    if file.full:
        absent = await work.session.execute(
            select(func.count(), func.max(CardRow.params["of"].as_integer()))
            .where(CardRow.file_id == file.id, CardRow.line == 0)
        )
        n, of = absent.one()
        if n and n > of * rules.MOST_LEAVING:
            raise rules.TooManyLeave(n=n)
    file.state = step(rules.LIFE, file.state, "apply")
    file.started_at = work.now
    return file


async def drop(work: Work, *, number: str) -> CardFile:
    """Put the file away without touching anybody."""
    work.actor.require(*HEAD)
    file = await work.lock(CardFile, CardFile.number == number, what=number)
    file.state = step(rules.LIFE, file.state, "drop")
    file.finished_at = work.now
    return file
