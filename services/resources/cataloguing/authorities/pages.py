"""Screens of authorities: the list, one of them, making and changing it, its way through life, and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.authorities import commands, following, queries, records, rules
from services.resources.cataloguing.authorities.model import Authority, AuthorityState, Kind, Sort
from services.resources.cataloguing.authorities.rules import Told
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.dialects import CNMARC, MARC21
from services.resources.cataloguing.records.pages import sent
from services.resources.cataloguing.records.rules import PROOFREADERS
from services.resources.cataloguing.versions.queries import last_agency
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Refusal
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

URL = "/resources/authorities"
READ, EDIT, DECIDE = [allow(*rules.READERS)], [allow(*CATALOGUERS)], [allow(*PROOFREADERS)]
router = Router(prefix=URL, tags=["authorities"])
SIZE, EXPORTED, BATCH = 20, 5_000, 200
# Whose record it says it is as long as its exporter never catalogued under a code of the library's own.
AGENCY = "GUANWU"
ENTRY = Entry(
    N_("规范档"), URL, icon="id-badge", who=rules.READERS, serves=("RES-MGT-01", "RES-ACQ-01"),
    help=N_("人名、团体、题名、主题的规范标目和参照；一处改动，联接的书目随之更改"),
)
Text = Annotated[str, Query(max_length=200)]


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here."""
    return [(_(N_("编目典藏")), ""), (_(ENTRY.label), URL), *more]


@router.get("", dependencies=READ)
async def listed(request: Request, work: WorkDep, q: Text = "", kind: Text = "", state: Text = "", job: Text = "", page_no: PageNo = 1) -> Response:
    """Authorities by any of their forms."""
    q, kind, state, job = q.replace("\0", "").strip(), kind if kind in set(Kind) else "", state if state in set(AuthorityState) else "", job.replace("\0", "")
    found, total = await queries.find(work.session, q, kind=kind, state=state, job=job, limit=SIZE, offset=(page_no - 1) * SIZE)
    ids = [one.id for one in found]
    return page(
        request, "authorities/list.html", page_title=_(ENTRY.label), crumbs=crumbs(), found=found, total=total, page=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, q=q, params={"q": q, "kind": kind, "state": state, "job": job}, job=job,
        forms=await queries.forms(work.session, ids), counts=await queries.counts(work.session, ids), filters=[
            {"name": "kind", "label": _(N_("种类")), "value": kind, "options": [(one.value, one.text) for one in Kind]},
            {"name": "state", "label": _(N_("状态")), "value": state, "options": [(one.value, one.text) for one in AuthorityState]},
        ], may=work.actor.holds(CATALOGUERS), may_decide=work.actor.holds(PROOFREADERS), more=total >= queries.COUNT_LIMIT,
        names=await people.names(work, {one.made_by for one in found}), me_id=work.actor.id,
    )


@router.get("/lookup", dependencies=READ)
async def lookup(work: WorkDep, q: Text = "", kind: Text = "") -> list[dict[str, str]]:
    """Suggestions while somebody types a number or a heading."""
    found, _total = await queries.find(work.session, q.replace("\0", ""), kind=kind if kind in set(Kind) else "", limit=20)
    return [{"value": one.no, "label": f"{one.heading}（{one.kind.text}，{one.state.text}）"} for one in found if one.state in rules.LIVE]


def _fields(kind: str, given: Mapping[str, str], errors: Mapping[str, str], *, new: bool) -> list[dict[str, Any]]:
    syntax = _(N_("名称 | 限定语 | 生卒年；其余子字段写作 $b…、$x…"))
    shown = [
        {"name": "name", "label": _(N_("规范标目")), "required": True, "span": 8, "maxlength": 400, "help": syntax, "autofocus": True},
        {"name": "variants", "label": _(N_("单纯参照（见）")), "kind": "textarea", "rows": 5, "span": 12, "help": _(N_("别名、笔名、旧译，一行一个；读者和馆员用它们都能找到"))},
        *({"name": one.value, "label": _(N_("相关参照：{sort}"), sort=one.text), "kind": "textarea", "rows": 2, "span": 6} for one in Sort),
        {"name": "source", "label": _(N_("依据")), "span": 8, "maxlength": 200, "help": _(N_("在哪部书、哪个网站上查到的"))},
        {"name": "source_no", "label": _(N_("来源控制号")), "span": 4, "maxlength": 60},
        {"name": "note", "label": _(N_("附注")), "kind": "textarea", "rows": 3, "span": 12},
    ]
    first: dict[str, Any] = {"name": "kind", "label": _(N_("种类")), "kind": "select" if new else "hidden", "required": True, "span": 4,
                             "options": [(one.value, one.text) for one in Kind], "value": kind, "error": errors.get("kind", "")}
    return [first, *({**one, "value": given.get(str(one["name"]), ""), "error": errors.get(str(one["name"]), "")} for one in shown)]


def _form(
    request: Request, kind: str, given: Mapping[str, str], *, one: Authority | None = None, base: int = 0, errors: Mapping[str, str] | None = None,
    refusal: Refusal | None = None, follow: int = 0,
) -> Response:
    title = one.heading if one else _(N_("新建规范"))
    return page(
        request, "authorities/form.html", status=refusal.status if refusal else 200, page_title=title, one=one, base=base, refusal=refusal, errors=errors or {},
        fields=_fields(kind, given, errors or {}, new=one is None), reason=given.get("reason", ""), follow=follow,
        crumbs=crumbs((one.no, f"{URL}/{one.no}"), (_(N_("修改")), "")) if one else crumbs((title, "")),
    )


async def _given(request: Request) -> dict[str, str]:
    return {name: str(value).replace("\0", "")[:20_000] for name, value in (await request.form()).items()}


@router.get("/new", dependencies=EDIT)
async def new(request: Request, kind: Text = "", name: Text = "") -> Response:
    """An empty form, or one with a heading in it."""
    return _form(request, kind if kind in set(Kind) else "person", {"name": name.replace("\0", "")})


@router.post("", dependencies=EDIT)
async def create(request: Request, work: WorkDep) -> Response:
    """A provisional authority."""
    given = await _given(request)
    try:
        one = await commands.create(work, rules.told_of(given.get("kind", ""), given), reason=given.get("reason", ""))
    except Refusal as refusal:
        await work.session.rollback()
        return _form(request, given.get("kind", ""), given, refusal=refusal, errors=_errors(refusal))
    return see_other(request, f"{URL}/{one.no}", toast=_(N_("已建 {no}，请另一位同事核定"), no=one.no))


def _errors(refusal: Refusal) -> dict[str, str]:
    return {name: _(text) for name, text in refusal.errors.items()} if isinstance(refusal, Invalid) else {}


@router.post("/verify", dependencies=DECIDE)
async def verify_many(request: Request, work: WorkDep) -> Response:
    """Those that were picked, or all that came with a file."""
    form = await request.form()
    picked, job = [str(one) for one in form.getlist("ids")][:BATCH], str(form.get("job", ""))[:40].replace("\0", "")
    if job and not picked:
        found, _total = await queries.find(work.session, "", state="provisional", job=job, limit=BATCH)
        picked = [one.no for one in found]
    done = 0
    for no in sorted(picked):
        one = await queries.by_no(work.session, no)
        if one.made_by != work.actor.id and one.state is AuthorityState.provisional:
            await commands.verify(work, no)
            done += 1
    text = _(N_("核定了 {n} 条"), n=done) + (_(N_("；{n} 条由您所建或不待核定，未动"), n=len(picked) - done) if len(picked) > done else "")
    return see_other(request, f"{URL}?job={job}" if job else URL, toast=text)


@router.get("/export", dependencies=READ)
async def export(
    work: WorkDep, q: Text = "", kind: Text = "", state: Text = "", dialect: Text = CNMARC, form: Text = "iso"
) -> Response:
    """Up to five thousand of what was searched, as one file."""
    found, _total = await queries.find(
        work.session, q.replace("\0", ""), kind=kind if kind in set(Kind) else "", state=state if state in set(AuthorityState) else "", limit=EXPORTED)
    return await _sent(work, list(found), "authorities", MARC21 if dialect == MARC21 else CNMARC, form)


async def _sent(work: Work, found: list[Authority], name: str, dialect: str, form: str) -> Response:
    agency = await last_agency(work.session, work.actor.id) or AGENCY
    made = [
        records.written(await queries.told(work.session, one), one.no, dialect=dialect, changed=one.updated_at, agency=agency,
                        provisional=one.state is AuthorityState.provisional)
        for one in found
    ]
    if form == "xml":
        text = '<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n' + "\n".join(one.to_marcxml() for one in made) + "\n</collection>\n"
        return sent(text.encode(), f"{name}.xml", "application/marcxml+xml")
    return sent(b"".join(one.to_iso2709() for one in made), f"{name}.mrc", "application/marc")


@router.get("/{no}", dependencies=READ)
async def shown(request: Request, work: WorkDep, no: str, page_no: PageNo = 1) -> Response:
    """Its forms, what is related, the works, what happened, what is to be done next."""
    return await _shown(request, work, await queries.by_no(work.session, no), page_no=page_no)


async def _shown(request: Request, work: Work, one: Authority, *, page_no: int = 1, refusal: Refusal | None = None) -> Response:
    total = (await queries.counts(work.session, [one.id])).get(one.id, 0)
    history = await queries.versions(work.session, one)
    waits = one.state is AuthorityState.provisional
    changes, _n = await queries.changes(work.session, of=one.id, limit=10)
    return page(
        request, "authorities/authority.html", status=refusal.status if refusal else 200, page_title=one.heading, one=one, refusal=refusal,
        crumbs=crumbs((one.no, "")), told=await queries.told(work.session, one), into=await queries.today(work.session, one) if one.merged_into else None,
        relations=await queries.relations(work.session, one), works=await queries.works(work.session, one, limit=SIZE, offset=(page_no - 1) * SIZE),
        total=total, page=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, history=history, acts=rules.ACTS, changes=changes,
        expected=await following.expected(work, one) if waits else 0, mine=one.made_by == work.actor.id, states=AuthorityState,
        may=work.actor.holds(CATALOGUERS), may_decide=work.actor.holds(PROOFREADERS), can={action for (state, action) in rules.LIFE if state is one.state},
        names=await people.names(work, {one.made_by, one.verified_by, *(version.made_by for version in history)} - {""}),
    )


@router.get("/{no}/edit", dependencies=EDIT)
async def edit(request: Request, work: WorkDep, no: str) -> Response:
    """What it says, to be changed."""
    one = await queries.by_no(work.session, no)
    if one.state not in rules.LIVE:
        raise NotFound(no)
    told = await queries.told(work.session, one)
    n = (await queries.counts(work.session, [one.id])).get(one.id, 0)
    return _form(request, one.kind.value, rules.given_of(told), one=one, base=one.revision, follow=n)


@router.post("/{no}/edit", dependencies=EDIT)
async def keep(request: Request, work: WorkDep, no: str) -> Response:
    """A version more."""
    given = await _given(request)
    one = await queries.by_no(work.session, no)
    base = given.get("base", "")
    number, kind = int(base) if base.isdecimal() and len(base) < 9 else 0, one.kind.value
    try:
        told: Told = rules.told_of(kind, given)
        saved = await commands.edit(work, no, told, base=number, reason=given.get("reason", ""))
    except Refusal as refusal:
        await work.session.rollback()
        one = await queries.by_no(work.session, no)
        return _form(request, kind, given, one=one, base=one.revision, refusal=refusal, errors=_errors(refusal))
    waits = saved.state is AuthorityState.provisional
    return see_other(request, f"{URL}/{saved.no}", toast=_(N_("已保存，请另一位同事核定")) if waits else _(N_("已保存")))


@router.post("/{no}/verify", dependencies=DECIDE)
async def verify(request: Request, work: WorkDep, no: str) -> Response:
    """Agreed."""
    one, change = await commands.verify(work, no)
    if change is not None:
        return see_other(request, f"/resources/authority-changes/{change.no}", toast=_(N_("已核定，{n} 条书目正在随之更改"), n=change.total))
    return see_other(request, f"{URL}/{one.no}", toast=_(N_("已核定")))


@router.post("/{no}/withdraw", dependencies=DECIDE)
async def withdraw(request: Request, work: WorkDep, no: str, reason: Annotated[str, Form(max_length=400)] = "") -> Response:
    """Used no more."""
    try:
        one = await commands.withdraw(work, no, reason=reason)
    except rules.Linked as refusal:
        await work.session.rollback()
        return await _shown(request, work, await queries.by_no(work.session, no), refusal=refusal)
    return see_other(request, f"{URL}/{one.no}", toast=_(N_("停止使用")), tone="warn")


@router.post("/{no}/restore", dependencies=EDIT)
async def restore(request: Request, work: WorkDep, no: str) -> Response:
    """Used again."""
    one = await commands.restore(work, no)
    return see_other(request, f"{URL}/{one.no}", toast=_(N_("已恢复，请另一位同事核定")))


@router.get("/{no}/marc", dependencies=READ)
async def marc(work: WorkDep, no: str, dialect: Text = CNMARC, form: Text = "iso") -> Response:
    """As a MARC record of either family."""
    one = await queries.by_no(work.session, no)
    return await _sent(work, [one], one.no, MARC21 if dialect == MARC21 else CNMARC, form)
