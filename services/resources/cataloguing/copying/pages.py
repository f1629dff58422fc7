"""Screens of copy cataloguing: ask, compare, look closely, take over."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.copying import client, commands, queries, rules
from services.resources.cataloguing.marc.matching import REQUIRED
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read_one
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.records.rules import as_json
from services.resources.cataloguing.records.showing import facts
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.settings import LOCAL
from shared.web.pages import Entry, PageNo, page, see_other
from shared.work import Work

URL = "/resources/copying"
router = Router(prefix=URL, tags=["copying"])
SEEK, READ = [allow(*rules.SEEKERS)], [allow(*rules.READERS)]
SIZE = 20
ENTRY = Entry(
    N_("套录"), URL, icon="world-download", who=rules.READERS, serves=("RES-MGT-01", "RES-ACQ-05"),
    help=N_("一次检索多家外馆，比较后转为本馆草稿，由另一人校对发布"),
)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_(N_("书目交换")), ""), (_(ENTRY.label), URL), *more]


def said(answer: dict[str, Any]) -> str:
    """How a target did, in words."""
    if answer["failure"]:
        return _(rules.FAILURES[answer["failure"]], **answer["params"])
    return ""


async def _home(
    request: Request, work: Work, *, asked: dict[str, str] | None = None, chosen: list[str] | None = None,
    error: str = "", status: int = 200,
) -> Response:
    known = await queries.targets(work.session)
    first = datetime.combine(work.today.replace(day=1), time.min, LOCAL)
    fields = [
        {"name": name, "label": _(label), "value": (asked or {}).get(name, ""), "maxlength": 120, "span": 6,
         "autofocus": name == "isbn"}
        for name, label in rules.FIELDS.items()
    ]
    fields.append({
        "name": "targets", "label": _(N_("套录目标")), "kind": "multi", "span": 12, "data": True,
        "options": [(one.no, one.name) for one in known],
        "value": [one.no for one in known[: rules.MOST_TARGETS]] if chosen is None else chosen,
    })
    return page(
        request, "copying/home.html", status=status, page_title=_(ENTRY.label), crumbs=_crumbs(), fields=fields, error=error,
        targets=known, recent=await queries.recent(work.session, work.actor.id), drafts=await queries.drafts(work.session),
        taken=await queries.taken_since(work.session, first), may=work.actor.holds(rules.SEEKERS),
        may_set=work.actor.holds(rules.KEEPERS), labels=rules.FIELDS,
    )


@router.get("", dependencies=READ)
async def home(request: Request, work: WorkDep) -> Response:
    return await _home(request, work)


@router.post("", dependencies=SEEK)
async def seek(request: Request, work: WorkDep) -> Response:
    form = await request.form()
    asked, chosen = rules.typed(form), list(map(str, form.getlist("targets")))
    # No connection to the database is held while other libraries take their time.
    async with request.app.state.kit.reading() as session:
        wanted = [one for one in await queries.targets(session) if one.no in chosen][: rules.MOST_TARGETS]
    refusal: Refusal | None = rules.NothingAsked() if not asked else rules.NoTarget() if not wanted else None
    if refusal:
        return await _home(request, work, asked=asked, chosen=chosen, error=str(refusal), status=refusal.status)
    search = await commands.keep(work, asked, await client.ask(wanted, asked))
    return see_other(request, f"{URL}/{search.id}")


async def _numbers(work: Work, wanted: set[str]) -> set[str]:
    """Which of these records there still are: a draft may have been thrown away."""
    return set(await work.session.scalars(select(Instance.number).where(Instance.number.in_(wanted)))) if wanted else set()


@router.get("/hits/{key}", dependencies=SEEK)
async def close_look(request: Request, work: WorkDep, key: UUID) -> Response:
    hit = await queries.hit_of(work.session, key, work.actor.id)
    outcome = read_one(hit.raw)
    assert isinstance(outcome, Accepted)  # only those are kept
    kept = {field.tag for field in rules.ours(outcome.record).fields}
    back = f"{URL}/{hit.search_id}"
    return page(
        request, "copying/hit.html", page_title=hit.title, crumbs=_crumbs((_(N_("检索结果")), back), (hit.target_name, "")),
        hit=hit, marc=outcome.record, left_out={field.tag for field in outcome.record.fields} - kept, back=back,
        facts=facts(as_json(project(outcome.record))), dialect=DIALECTS.get(hit.dialect, hit.dialect),
        held=(await queries.held(work.session, [hit])).get(hit.id), notes=[flaw.message for flaw in outcome.warnings],
        lacks=[_(REQUIRED[one]) for one in hit.lacks], taken=hit.record if await _numbers(work, {hit.record} - {""}) else "",
    )


@router.post("/hits/{key}/take", dependencies=SEEK)
async def take(request: Request, work: WorkDep, key: UUID) -> Response:
    hit = await queries.hit_of(work.session, key, work.actor.id)
    number = await commands.take(work, request.app.state.kit.files, hit)
    return see_other(
        request, f"/resources/records/{number}", toast=_(N_("已建草稿 {number}，请另一位同事校对发布"), number=number)
    )


@router.get("/{key}", dependencies=SEEK)
async def found(request: Request, work: WorkDep, key: UUID, page_no: PageNo = 1) -> Response:
    search = await queries.search_of(work.session, key, work.actor.id)
    rows = await queries.hits(work.session, key, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "copying/found.html", page_title=_(N_("检索结果")), crumbs=_crumbs((_(N_("检索结果")), "")), search=search,
        rows=rows, held=await queries.held(work.session, rows), said=said, labels=rules.FIELDS, total=search.hits,
        page=page_no, pages=max(1, -(-search.hits // SIZE)), size=SIZE, dialects=DIALECTS,
        taken=await _numbers(work, {row.record for row in rows} - {""}),
    )
