"""A minimal draft for a book that came before anybody catalogued it: what the order says, to be completed and released."""

from __future__ import annotations

from typing import Any, Protocol

from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.reading import read_one
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.model import Instance
from shared.refusals import Refusal
from shared.work import Work


class Wording(Protocol):
    """What a line of an order or of a gift says of a title."""

    title: Any
    author: Any
    publisher: Any
    year: Any
    isbn: Any


LEADER = "00000nam0 2200000   450 "


def marc_of(line: Wording, number: str) -> Record:
    """The order's words as CNMARC; the control number makes two drafts of one wording two records."""
    imprint = tuple((code, text) for code, text in (("c", line.publisher), ("d", line.year)) if text)
    fields = [
        Field("001", "", (), number),
        *([Field("010", "  ", (("a", line.isbn),))] if line.isbn else []),
        Field("100", "  ", (("a", f"        d{line.year[:4]:4}    em y0chiy50      ea"),)),
        Field("200", "1 ", (("a", line.title), *([("f", line.author)] if line.author else []))),
        *([Field("210", "  ", imprint)] if imprint else []),
        Field("801", " 0", (("a", "CN"), ("b", "GW"))),
    ]
    return Record(LEADER, tuple(fields), "cnmarc")


async def draft_record(work: Work, line: Wording, source: str) -> Instance:
    """The record in the catalogue, seen by nobody outside before another person releases it."""
    number = f"B{await records.reserve_numbers(work, 1):07d}"
    outcome = read_one(marc_of(line, number).to_iso2709())
    if not isinstance(outcome, Accepted):  # our own wording; a title of control characters could do it
        raise Refusal(title=line.title)
    record = await records.enter(work, outcome.record, number=number)
    record.source = source
    return record
