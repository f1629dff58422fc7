"""Screens of proofreading: what waits, one record read closely, the month's sample and what it came to."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.marc.checking import check
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.proofing import commands, queries, rules
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.records.rules import as_json
from services.resources.cataloguing.records.showing import facts
from services.resources.cataloguing.versions import queries as versions
from services.resources.cataloguing.versions.model import VersionState
from services.resources.cataloguing.versions.rules import compare
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, language
from shared.refusals import Refusal
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

URL = "/resources/proofing"
READ, PROOF = [allow(*rules.READERS)], [allow(*rules.PROOFREADERS)]
router = Router(prefix=URL, tags=["proofing"])
SIZE = 20
ENTRY = Entry(
    N_("审校"), URL, icon="eye-check", who=rules.READERS, serves=("RES-MGT-01", "RES-MGT-02"),
    help=N_("待校对的草稿和更正、每月抽查、差错率"),
)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_(N_("编目典藏")), ""), (_(ENTRY.label), URL), *more]


@router.get("", dependencies=READ)
async def home(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What waits, and how good each one's work is this month."""
    found, total = await queries.waiting(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    month = rules.month_of("", work.today)
    told = await queries.month_work(work.session, month)
    return page(
        request, "proofing/home.html", page_title=_(ENTRY.label), crumbs=_crumbs(), rows=found, total=total, page=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, told=told, percent=rules.percent, month=month, me_id=work.actor.id,
        names=await people.names(work, {one.maker for one in found} | {one.cataloguer for one in told}),
        may=work.actor.holds(rules.PROOFREADERS), worst=rules.percent(rules.WORST), enough=rules.ENOUGH,
    )


@router.get("/sample", dependencies=READ)
async def sample(request: Request, work: WorkDep, month: Annotated[str, Query(max_length=7)] = "") -> Response:
    """The month's sample and the rates of the month."""
    first = rules.month_of(month, work.today)
    lines = await queries.sample(work.session, first)
    told = await queries.month_work(work.session, first)
    before = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    return page(
        request, "proofing/sample.html", page_title=_(N_("{month} 抽查"), month=f"{first:%Y-%m}"), month=f"{first:%Y-%m}",
        before=f"{before:%Y-%m}", after=f"{rules.next_month(first):%Y-%m}" if rules.next_month(first) <= work.today else "",
        lines=lines, told=told, percent=rules.percent, crumbs=_crumbs((_(N_("每月抽查")), "")), me_id=work.actor.id,
        names=await people.names(work, {line.cataloguer for line, _p in lines} | {one.cataloguer for one in told}),
        may=work.actor.holds(rules.PROOFREADERS), size=rules.SAMPLE_SIZE,
    )


@router.post("/sample/{month}/draw", dependencies=PROOF)
async def draw(request: Request, work: WorkDep, month: str) -> Response:
    """Draw it, or add what came since."""
    first = rules.month_of(month, work.today)
    n = await commands.draw(work, first)
    text = _(N_("抽出 {n} 条"), n=n) if n else _(N_("没有新的记录可抽"))
    return see_other(request, f"{URL}/sample?month={first:%Y-%m}", toast=text)


@router.get("/sample/{month}/{number}", dependencies=PROOF)
async def sampled(request: Request, work: WorkDep, month: str, number: str) -> Response:
    """A sampled record read closely."""
    return await _close(request, work, await by_key(work.session, number), month=month)


@router.post("/sample/{month}/{number}", dependencies=PROOF)
async def read_sample(request: Request, work: WorkDep, month: str, number: str) -> Response:
    """What was found in it."""
    defects, note, _version = await _found(request, work)
    first = rules.month_of(month, work.today)
    await commands.read_sample(work, first, number, defects=defects, note=note)
    return see_other(request, f"{URL}/sample?month={first:%Y-%m}", toast=_(N_("已记下")))


@router.get("/{key}", dependencies=PROOF)
async def close(request: Request, work: WorkDep, key: str) -> Response:
    """A record read closely, with what changed and what the machine found."""
    return await _close(request, work, await by_key(work.session, key))


@router.post("/{key}/pass", dependencies=PROOF)
async def passed(request: Request, work: WorkDep, key: str) -> Response:
    """Good: patrons see it."""
    return await _decide(request, work, key, "passed")


@router.post("/{key}/return", dependencies=PROOF)
async def returned(request: Request, work: WorkDep, key: str) -> Response:
    """Not yet: back to the cataloguer."""
    return await _decide(request, work, key, "returned")


async def _decide(request: Request, work: Work, key: str, how: str) -> Response:
    defects, note, version = await _found(request, work)
    try:
        if how == "passed":
            proof = await commands.passed(work, key, defects=defects, note=note, version=version)
        else:
            proof = await commands.returned(work, key, defects=defects, note=note)
    except Refusal as refusal:
        await work.session.rollback()
        ticked = {one["code"]: one for one in defects}
        record = await by_key(work.session, key)
        return await _close(request, work, record, refusal=refusal, status=refusal.status, ticked=ticked, note=note)
    text = _(N_("已发布，读者可以查到了")) if how == "passed" else _(N_("已退回编目员"))
    return see_other(request, URL, toast=f"{proof.number} {text}", tone="ok" if how == "passed" else "warn")


async def _found(request: Request, work: Work) -> tuple[list[dict[str, Any]], str, int | None]:
    form = await request.form()
    ticked = [
        (str(code), str(form.get(f"tag-{code}", "")), str(form.get(f"note-{code}", ""))) for code in form.getlist("defect")
    ]
    version = str(form.get("version", ""))
    return await commands.named(work, ticked), str(form.get("note", "")), int(version) if version.isdecimal() else None


async def _close(
    request: Request, work: Work, record: Instance, *, month: str = "", refusal: Refusal | None = None, status: int = 200,
    ticked: dict[str, Any] | None = None, note: str = "",
) -> Response:
    opened = await versions.open_of(work.session, record.id)
    await work.session.refresh(record, ["fields"])
    shown = Record.from_json(record.fields)
    waits = record.state is RecordState.draft or (opened is not None and opened.state is VersionState.pending)
    marc = shown if month or opened is None else Record.from_json(opened.fields)
    makers = await versions.makers(work.session, record)
    line = await queries.sample_line(work.session, rules.month_of(month, work.today), record.number) if month else None
    proofs = await queries.of_record(work.session, record.id)
    return page(
        request, "proofing/close.html", status=status, page_title=record.title, record=record, marc=marc, month=month,
        differences=compare(shown, marc) if opened is not None and not month else (), remarks=check(marc),
        facts=facts(as_json(project(marc))), codes=await queries.codes(work.session), refusal=refusal,
        ticked=ticked or {}, note=note, waits=waits, mine=work.actor.id in (({line.cataloguer} if line else set()) if month else makers),
        done=line is None or line.proof_id is not None if month else not waits, opened=opened,
        version=opened.no if opened is not None else record.revision, proofs=proofs, english=language() == "en",
        shown_defects=rules.shown_defects, dialect=DIALECTS.get(record.dialect, record.dialect),
        names=await people.names(work, makers | {one.proofreader for one in proofs} | {one.cataloguer for one in proofs}),
        makers=sorted(makers), crumbs=_crumbs(*([(_(N_("每月抽查")), f"{URL}/sample?month={month}")] if month else []), (record.number, "")),
    )
