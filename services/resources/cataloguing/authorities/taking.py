"""Authority records out of a file: new ones are provisional until another person verifies them, known ones are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import insert, select

from services.resources.cataloguing.authorities import indexing, keeping, records
from services.resources.cataloguing.authorities.model import Authority, AuthorityVersion
from services.resources.cataloguing.authorities.rules import Told
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.records.rules import digest
from shared.database import uuid7
from shared.work import Work


class Taken(NamedTuple):
    """What became of a record: its number here (of the one it repeats, if it is not new) and why, as a note's code."""

    no: str
    heading: str
    new: bool
    code: str
    # One of ours that may be the same, though its dates or its established form differ.
    near: str = ""


async def sort_out(work: Work, given: Sequence[Accepted]) -> list[tuple[Accepted, Told | None, Taken]]:
    """Which records are new, which are ours already, by bytes, by their source's number or by the heading."""
    told = [records.read(one.record) for one in given]
    digests = [digest(one.raw) for one in given]
    numbers = {one.source_no for one in told if one is not None and one.source_no}
    session = work.session
    by_digest = {row[0]: row[1] for row in await session.execute(select(Authority.digest, Authority.no).where(Authority.digest.in_(digests)))}
    by_number = {row[0]: row[1] for row in await session.execute(select(Authority.source_no, Authority.no).where(Authority.source_no.in_(numbers)))}
    asked = [one.form.row for one in told if one is not None]
    matches = iter(await indexing.candidates(session, [(row["kind"], row["bare"], row["marks"]) for row in asked]))
    seen: set[tuple[object, ...]] = set()
    found: list[tuple[Accepted, Told | None, Taken]] = []
    for one, said, key in zip(given, told, digests, strict=True):
        if said is None:
            found.append((one, None, Taken("", one.record.first("001") or "—", False, "authority-mute")))
            continue
        row = said.form.row
        may = next(matches)
        same = next((m.no for m in may if m.established and m.same), "")
        sign = (row["kind"], row["bare"], *row["marks"])
        known = by_digest.get(key) or (by_number.get(said.source_no) if said.source_no else "") or ""
        if known:
            taken = Taken(known, said.form.text, False, "authority-known")
        elif same:
            taken = Taken(same, said.form.text, False, "authority-same")
        elif sign in seen or key in by_digest:
            taken = Taken("", said.form.text, False, "twice-in-file")
        else:
            taken = Taken("", said.form.text, True, "authority", may[0].no if may else "")
            seen.add(sign)
            by_digest[key] = ""
        found.append((one, said, taken))
    return found


async def take(work: Work, given: Sequence[Accepted], *, job: str, made_by: str) -> list[tuple[Accepted, Taken]]:
    """Keep what is new."""
    if not given:
        return []
    sorted_ = await sort_out(work, given)
    fresh = [(one, told) for one, told, taken in sorted_ if taken.new and told is not None]
    numbers = iter(await keeping.reserve(work, len(fresh))) if fresh else iter(())
    rows, made, versions, given_no = [], [], [], {}
    for one, told in fresh:
        key, no = uuid7(), next(numbers)
        given_no[id(one)] = no
        columns = keeping.columns(told)
        rows.append({
            "id": key, "no": no, **columns, "dialect": one.record.dialect, "digest": digest(one.raw), "raw": one.raw,
            "fields": one.record.to_json(), "job": job, "made_by": made_by, "created_at": work.now, "updated_at": work.now,
        })
        made.append((key, told))
        versions.append({
            "id": uuid7(), "authority_id": key, "no": 1, "heading": columns["heading"], "told": told.as_json(), "act": "import",
            "reason": job, "made_by": made_by, "made_at": work.now,
        })
    if rows:
        await work.session.execute(insert(Authority), rows)
        await work.session.execute(insert(AuthorityVersion), versions)
        await keeping.find_by(work, made)
    return [
        (one, taken._replace(no=given_no.get(id(one), taken.no), heading=taken.heading[:500])) for one, _told, taken in sorted_
    ]
