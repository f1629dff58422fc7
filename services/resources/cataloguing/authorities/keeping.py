"""Writing an authority down: its row, the forms it is found by, its relations, its version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.exc import IntegrityError

from services.resources.cataloguing.authorities import rules
from services.resources.cataloguing.authorities.model import (
    Authority,
    AuthorityForm,
    AuthorityRelation,
    AuthorityVersion,
    Kind,
    Sort,
)
from services.resources.cataloguing.authorities.rules import Told
from shared.database import uuid7
from shared.work import Work

UNIQUE = "uq_authority_form_established"
_RESERVE = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES ('authority', 0, :n) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = number_sequence.last + :n RETURNING last"
)
# A see-also named an authority we did not have; now we do. One that could be two is left to people.
_RESOLVE = text("""
UPDATE authority_relation r SET other_id = f.authority_id FROM authority_form f
WHERE r.other_id IS NULL AND f.established AND f.bare = r.bare AND f.kind = r.kind AND f.marks = r.marks
    AND f.authority_id <> r.authority_id AND (f.authority_id = ANY(:ids) OR r.authority_id = ANY(:ids))
""")


async def reserve(work: Work, count: int) -> list[str]:
    """Running numbers: `AU0000001`; they stand in records behind $3 and $0."""
    last = int(await work.session.scalar(_RESERVE, {"n": count}) or 0)
    return [f"AU{n:07d}" for n in range(last - count + 1, last + 1)]


def columns(told: Told) -> dict[str, Any]:
    """The columns that follow from what it says."""
    text_ = told.form.text[:500]
    return {
        "kind": Kind(told.form.kind), "heading": text_, "sort": rules.sort_of(text_), "parts": [list(pair) for pair in told.form.parts],
        "source": told.source, "source_no": told.source_no, "note": told.note, "search": rules.search_vector(told),
    }


def form_rows(key: UUID, told: Told) -> list[dict[str, Any]]:
    """The forms it is found by."""
    return [
        {"authority_id": key, "established": one is told.form, **one.row} for one in (told.form, *told.variants)
    ]


def relation_rows(key: UUID, told: Told) -> list[dict[str, Any]]:
    """Its see-also."""
    return [{"authority_id": key, "sort": Sort(sort), **one.row} for sort, one in told.relations]


async def write(work: Work, one: Authority, told: Told, *, act: str, reason: str = "", live: bool = True) -> None:
    """A locked authority says this from now on; the next version."""
    for name, value in columns(told).items():
        setattr(one, name, value)
    one.updated_at = work.now
    await work.flush()
    await unfind(work, one)
    if live:
        try:
            await find_by(work, [(one.id, told)])
        except IntegrityError as error:
            if UNIQUE in str(error.orig):
                raise rules.SameHeading from error
            raise
    version(work, one, told, act=act, reason=reason)


async def unfind(work: Work, one: Authority) -> None:
    """It is found by no form any more."""
    for table in (AuthorityForm, AuthorityRelation):
        await work.session.execute(delete(table).where(table.authority_id == one.id))


async def find_by(work: Work, made: Sequence[tuple[UUID, Told]]) -> None:
    """They are found by their forms, and see-also find what they name."""
    if rows := [row for key, told in made for row in form_rows(key, told)]:
        await work.session.execute(insert(AuthorityForm), rows)
    if rows := [row for key, told in made for row in relation_rows(key, told)]:
        await work.session.execute(insert(AuthorityRelation), rows)
    await work.session.execute(_RESOLVE, {"ids": [key for key, _told in made]})


def version(work: Work, one: Authority, told: Told, *, act: str, reason: str = "") -> None:
    """Keep what it says now."""
    work.session.add(AuthorityVersion(
        id=uuid7(), authority_id=one.id, no=one.revision, heading=one.heading, told=told.as_json(), act=act,
        reason=rules.words(reason), made_by=work.actor.id, made_at=work.now,
    ))
