"""One batch of records into the catalogue: a handful of statements however many records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert, select

from services.resources.cataloguing.authorities import indexing
from services.resources.cataloguing.authorities.taking import take
from services.resources.cataloguing.imports.copies import Shelver
from services.resources.cataloguing.imports.model import ImportJob, ImportLine, Outcome
from services.resources.cataloguing.imports.rules import RAW_KEPT, note
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.marc.description import Projection
from services.resources.cataloguing.marc.outcome import Accepted, Refused
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.records import rules
from services.resources.cataloguing.records.commands import reserve_numbers
from services.resources.cataloguing.records.model import Instance, InstanceKey, RecordState
from services.resources.cataloguing.records.queries import IS_TODAY, TODAY, Today
from shared.database import uuid7
from shared.work import Work

log = structlog.get_logger()


@dataclass(slots=True)
class Draft:
    """A record on its way in."""

    outcome: Accepted
    found: Projection
    digest: str
    keys: tuple[str, ...]
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Prepared:
    """What could be worked out without the database, in another thread."""

    drafts: list[Draft] = field(default_factory=list)
    authorities: list[Accepted] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    last: int = 0
    offset: int = 0


def prepare(outcomes: Iterable[Accepted | Refused]) -> Prepared:
    """Project the sound records and word the refusals."""
    made = Prepared()
    for one in outcomes:
        made.last, made.offset = one.number, max(made.offset, one.offset + len(one.raw))
        if isinstance(one, Refused):
            made.lines.append(
                _line(one.number, Outcome.refused, notes=[note(one.code, offset=one.offset, **one.params)],
                      raw=one.raw[:RAW_KEPT])
            )
        elif one.record.kind == "authority":
            made.authorities.append(one)
        elif one.record.kind == "holdings":
            made.lines.append(
                _line(one.number, Outcome.refused, notes=[note("holdings-record")], raw=one.raw[:RAW_KEPT])
            )
        elif (found := _projected(one)) is None:
            made.lines.append(
                _line(one.number, Outcome.refused, notes=[note("not-projected")], raw=one.raw[:RAW_KEPT])
            )
        else:
            notes = [note(f.code, f.tag, f.subfield, **f.params) for f in one.warnings]
            made.drafts.append(Draft(one, found, rules.digest(one.raw), rules.keys(found), notes))
    return made


def _projected(one: Accepted) -> Projection | None:
    # The reader has been through a hundred thousand spoiled records; the next may still surprise it.
    try:
        return project(one.record)
    except Exception:
        log.exception("record cannot be described", number=one.number)
        return None


def _line(
    number: int, outcome: Outcome, *, title: str = "", record: str = "", items: int = 0,
    notes: Sequence[dict[str, Any]] = (), raw: bytes | None = None,
) -> dict[str, Any]:
    return {
        "number": number, "outcome": outcome, "title": title, "record": record, "items": items,
        "notes": list(notes), "raw": raw,
    }


class Batch:
    """Takes prepared records into the catalogue within one `Work`."""

    def __init__(self, work: Work, job: ImportJob, prepared: Prepared) -> None:
        self.work, self.job, self.prepared = work, job, prepared
        self.lines = prepared.lines
        self.fresh: list[tuple[Draft, dict[str, Any]]] = []

    async def take(self) -> None:
        """Add what is new, say what is not, move the job on."""
        await self._authorities()
        await self._sort_out_known()
        await self._number()
        shelver = Shelver(self.work, self.job)
        await shelver.ready([draft.outcome.record for draft, _row in self.fresh])
        items: list[dict[str, Any]] = []
        for draft, row in self.fresh:
            made = shelver.shelve(draft.outcome.record, draft.found, row, draft.notes)
            items += made
            title = row["title"]
            self.lines.append(
                _line(draft.outcome.number, Outcome.added, title=title, record=row["number"],
                      items=len(made), notes=draft.notes)
            )
        await self._write(items)
        self._tell(shelver, items)
        self._count(len(items))

    async def _authorities(self) -> None:
        for one, taken in await take(self.work, self.prepared.authorities, job=self.job.no, made_by=self.job.created_by):
            self.lines.append(_line(
                one.number, Outcome.added if taken.new else Outcome.duplicate, title=taken.heading, record=taken.no,
                notes=[note(taken.code, record=taken.no), *([note("authority-near", record=taken.near)] if taken.near else [])],
            ))

    async def _sort_out_known(self) -> None:
        """Split the drafts into new records and duplicates, of the catalogue or of this very file."""
        session = self.work.session
        drafts = self.prepared.drafts
        digests = {
            row.digest: row.number for row in await session.execute(
                select(Instance.digest, TODAY[0].label("number")).outerjoin(Today, IS_TODAY)
                .where(Instance.digest.in_([d.digest for d in drafts]))
            )
        } if drafts else {}
        wanted = {key for d in drafts for key in rules.sure(d.keys)}
        keyed: dict[str, list[tuple[str, str]]] = {}
        if wanted:
            for key, number, title in await session.execute(
                select(InstanceKey.key, TODAY[0], Instance.title).join(Instance, Instance.id == InstanceKey.instance_id)
                .outerjoin(Today, IS_TODAY).where(InstanceKey.key.in_(wanted))
            ):
                keyed.setdefault(key, []).append((number, title))
        for draft in drafts:
            known, code = self._known(draft, digests, keyed)
            if known is not None:
                code = code if known else "twice-in-file"
                self.lines.append(_line(
                    draft.outcome.number, Outcome.duplicate, title=rules.shown_title(draft.found),
                    record=known, notes=[note(code, record=known)],
                ))
                continue
            row = self._row(draft)
            self.fresh.append((draft, row))
            digests[draft.digest] = ""
            for key in rules.sure(draft.keys):
                keyed.setdefault(key, []).append(("", row["title"]))

    @staticmethod
    def _known(
        draft: Draft, digests: dict[str, str], keyed: dict[str, list[tuple[str, str]]]
    ) -> tuple[str | None, str]:
        if draft.digest in digests:
            return digests[draft.digest], "same-record"
        title = rules.shown_title(draft.found)
        for key in draft.keys:
            for number, other in keyed.get(key, ()):
                if rules.same_work(title, other):
                    return number, "same-record" if key.startswith("id:") else "same-work"
        return None, ""

    def _row(self, draft: Draft) -> dict[str, Any]:
        found, now = draft.found, self.work.now
        return {
            "id": uuid7(), "number": "", "dialect": found.dialect,
            "state": RecordState.draft if self.job.draft else RecordState.released,
            "material": found.material, "title": rules.shown_title(found),
            "sort_title": rules.sort_title(rules.shown_title(found)), "year": found.year,
            "language": found.language, "clc": next(iter(found.clc), ""), "call_number": found.call_number,
            "projection": rules.as_json(found), "digest": draft.digest, "raw": draft.outcome.raw,
            "fields": draft.outcome.record.to_json(), "warnings": draft.notes, "also": [],
            "search": rules.search_vector(found, found.call_number), "source": self.job.no,
            "created_by": self.job.created_by, "created_at": now, "updated_at": now,
        }

    async def _number(self) -> None:
        if self.fresh:
            first = await reserve_numbers(self.work, len(self.fresh))
            for n, (_draft, row) in enumerate(self.fresh):
                row["number"] = f"B{first + n:07d}"

    async def _write(self, items: list[dict[str, Any]]) -> None:
        session = self.work.session
        if self.fresh:
            await session.execute(insert(Instance), [row for _draft, row in self.fresh])
            pairs = [{"key": k, "instance_id": row["id"]} for d, row in self.fresh for k in d.keys]
            if pairs:
                await session.execute(insert(InstanceKey), pairs)
            await indexing.index(self.work, {row["id"]: draft.outcome.record for draft, row in self.fresh}, new=True)
        if items:
            await session.execute(insert(Item), items)
        for line in self.lines:
            line["job_id"] = self.job.id
        if self.lines:
            await session.execute(insert(ImportLine), sorted(self.lines, key=lambda line: line["number"]))

    def _tell(self, shelver: Shelver, items: list[dict[str, Any]]) -> None:
        if self.job.draft:  # told when it is released
            return
        copies: dict[UUID, list[dict[str, Any]]] = {}
        for item in items:
            copies.setdefault(item["instance_id"], []).append(item)
        for draft, row in self.fresh:
            own = uuid7()
            fact = rules.added(str(row["id"]), row["number"], draft.found, row["call_number"])
            self.work.emit(fact, correlation=own)
            for item in copies.get(row["id"], ()):
                self.work.emit(shelver.fact(item, row["title"]), correlation=own)

    def _count(self, items: int) -> None:
        job = self.job
        for line in self.lines:
            outcome = line["outcome"]
            setattr(job, outcome.value, getattr(job, outcome.value) + 1)
            job.warned += outcome is Outcome.added and bool(line["notes"])
        job.items += items
        job.position, job.bytes_read = max(job.position, self.prepared.last), self.prepared.offset
        job.beat_at = self.work.now
