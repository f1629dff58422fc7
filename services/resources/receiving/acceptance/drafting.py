"""A minimal draft for a book that came before anybody catalogued it: what the order says, to be completed and released."""

from __future__ import annotations

from services.resources.acquiring.orders.model import OrderLine
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read_one
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.records import rules
from services.resources.cataloguing.records.commands import reserve_numbers
from services.resources.cataloguing.records.model import Instance, InstanceKey, RecordState
from shared.database import uuid7
from shared.refusals import Refusal
from shared.work import Work

LEADER = "00000nam0 2200000   450 "


def marc_of(line: OrderLine, number: str) -> Record:
    """The order's words as CNMARC; the control number makes two drafts of one wording two records."""
    fields = [
        Field("001", "", (), number),
        *([Field("010", "  ", (("a", line.isbn),))] if line.isbn else []),
        Field("100", "  ", (("a", f"        d{line.year[:4]:4}    em y0chiy50      ea"),)),
        Field("200", "1 ", (("a", line.title), *([("f", line.author)] if line.author else []))),
        Field("210", "  ", tuple((code, text) for code, text in (("c", line.publisher), ("d", line.year)) if text) or (("d", "—"),)),
        Field("801", " 0", (("a", "CN"), ("b", "GW"))),
    ]
    return Record(LEADER, tuple(fields), "cnmarc")


async def draft_record(work: Work, line: OrderLine, source: str) -> Instance:
    """The record in the catalogue, seen by nobody outside before another person releases it."""
    number = f"B{await reserve_numbers(work, 1):07d}"
    raw = marc_of(line, number).to_iso2709()
    outcome = read_one(raw)
    if not isinstance(outcome, Accepted):  # our own wording; a title of control characters could do it
        raise Refusal(title=line.title)
    found = project(outcome.record)
    title = rules.shown_title(found)
    record = Instance(
        id=uuid7(), number=number, state=RecordState.draft, dialect=found.dialect, material=found.material, title=title,
        sort_title=rules.sort_title(title), year=found.year, language=found.language, clc=next(iter(found.clc), ""),
        call_number=found.call_number, projection=rules.as_json(found), digest=rules.digest(raw), raw=raw,
        fields=outcome.record.to_json(), warnings=[], search=rules.search_vector(found, found.call_number), source=source,
        created_by=work.actor.id, created_at=work.now, updated_at=work.now,
    )
    work.session.add(record)
    await work.session.flush()
    work.session.add_all([InstanceKey(key=key, instance_id=record.id) for key in rules.keys(found)])
    return record
