"""JSON door of the catalogue, open to everybody."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field

from services.reader.desk.items.queries import item_json, items_of
from services.reader.discovery.catalogue import listing, queries
from services.reader.discovery.catalogue.asking import asked
from services.reader.discovery.catalogue.citation import citation
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.work import Work

router = Router(prefix="/api/reader/catalogue", tags=["catalogue"])
OPEN = [allow("*")]
PALETTE = 6


def _whole(value: Any) -> Any:
    """A number of an address is text, which no list of numbers contains."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 5 else value


class Question(BaseModel):
    """The same parameters as the page's address."""

    q: str = Field("", max_length=400)
    where: Literal["any", "title", "author", "isbn", "call", "subject", "publisher"] = Field("any", alias="in")
    sort: Literal["", "relevance", "year", "title", "call", "added"] = ""
    page: int = Field(1, ge=1, le=500)
    size: Annotated[Literal[20, 50, 100], BeforeValidator(_whole)] = 20
    free: Literal["", "1"] = ""
    location: str = Field("", max_length=80)
    material: str = Field("", max_length=20)
    language: str = Field("", max_length=10)
    clc: str = Field("", max_length=1)
    decade: str = Field("", pattern=r"^(-?\d{1,4})?$")
    years: str = Field("", pattern=r"^(\d{0,4}-\d{0,4})?$")


@router.get("", dependencies=OPEN)
async def search(work: WorkDep, question: Annotated[Question, Query()]) -> dict[str, Any]:
    """Find works by words, numbers or call numbers; the facets narrow the result."""
    wish = asked(question.model_dump(by_alias=True, exclude_defaults=True, mode="json"))
    found = await queries.search(work.session, wish)
    hits = await listing.hits(work.session, found.ids)
    more = wish.page * wish.size < found.looked
    return {
        "items": [listing.record_json(hit) for hit in hits], "total": found.total, "approximate": found.capped,
        "next": wish.page + 1 if more else None,
        "facets": {
            facet.name: [{"value": v.code, "label": v.label, "count": v.n} for v in facet.values]
            for facet in listing.facets(wish, found)
        },
    }


@router.get("/{number}", dependencies=OPEN)
async def record(work: WorkDep, number: str) -> dict[str, Any]:
    """One work, its copies as they are now, and how to cite it."""
    found = await queries.record_by_number(work.session, number)
    if found is None:
        raise NotFound(number)
    hit = (await listing.hits(work.session, [found.instance_id]))[0]
    copies = await items_of(work.session, found.instance_id)
    return {**listing.record_json(hit), "citation": citation(found), "items": [item_json(i) for i in copies]}


async def palette_hits(work: Work, q: str) -> dict[str, Any] | None:
    """The catalogue's group in the search of the whole house."""
    found = await queries.search(work.session, asked({"q": q}))
    hits = await listing.hits(work.session, found.ids[:PALETTE])
    items = []
    for hit in hits:
        record, state = hit.record, hit.state
        note = " · ".join(filter(None, (record.authors[0] if record.authors else record.responsibility, record.call_number)))
        stock = _(N_("在架 {free} / 共 {total}"), free=state.free, total=state.total)
        items.append({
            "title": record.title, "note": f"{note} · {stock}" if note else stock, "subtitle": note,
            "url": f"/reader/catalogue/{record.number}", "icon": "book",
        })
    return {"label": _(N_("馆藏书目")), "items": items} if items else None
