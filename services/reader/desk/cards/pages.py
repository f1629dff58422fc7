"""The tabs of one patron beside the loans: record, cards, notes, history."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.cards import commands, queries
from services.reader.desk.circulation.queries import history_of
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import look
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.form import Amendment, NewCard, NewNote, Seen
from services.reader.desk.patrons.model import CardState, Category, Document, Patron, Source
from services.reader.desk.patrons.queries import checks_of, notes_of, numbers_of, patron_by_card
from services.reader.desk.patrons.rules import REISSUE_FEN, CardTaken, IdentityNeeded, standing
from services.reader.desk.patrons.tabs import tabs
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.errors import by_field
from shared.web.pages import page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/patrons/{card}", tags=["patrons"], dependencies=[allow(*DESK)])


def _field(values: Any, errors: dict[str, str], name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    value = values.get(name, "")
    return {
        "name": name, "label": _(label), "kind": kind, "value": getattr(value, "value", value),
        "error": errors.get(name, ""), **more,
    }


def _show(request: Request, work: Work, patron: Patron, tab: str, *, status: int = 200, **values: Any) -> Response:
    return page(
        request, f"cards/{tab}.html", status=status, page_title=patron.name, patron=patron,
        state=standing(patron, work.today), tabs=tabs(patron, f"/{tab}"), today=work.today,
        crumbs=[(_(N_("读者与证件")), "/reader/patrons"), (patron.name, "")], **values,
    )


async def _typed(request: Request) -> dict[str, str]:
    return {k: v.strip() for k, v in (await request.form()).items() if isinstance(v, str)}


def _record(
    request: Request, work: Work, patron: Patron, values: Any, errors: dict[str, str], status: int = 200
) -> Response:
    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        return _field(values, errors, name, label, kind, **more)

    fields = [
        field("name", N_("姓名"), required=True, maxlength=80),
        field("category", N_("读者类型"), "select", required=True, options=[(c.value, c.text) for c in Category],
              help=_(N_("改类型后在借图书不变，新规则从下次借书起用"))),
        field("college", N_("学院或单位"), maxlength=80), field("class_name", N_("专业班级"), maxlength=80),
        field("valid_to", N_("有效期至"), "date"),
        field("chip", N_("物理卡号"), maxlength=40, help=_(N_("读卡器读出的芯片号，可不填"))),
        field("source", N_("发证单位"), "select", required=True, options=[(c.value, c.text) for c in Source]),
        field("email", N_("电子邮箱"), "email", maxlength=120),
        field("phone", N_("电话"), "tel", maxlength=30, help=_(N_("仅服务台与读者本人可见"))),
    ]
    return _show(
        request, work, patron, "record", status=status, fields=fields,
        errors=[(name, next((f["label"] for f in fields if f["name"] == name), name), text)
                for name, text in errors.items()],
    )


@router.get("/record")
async def record(request: Request, work: WorkDep, card: str) -> Response:
    """资料: the form with what is known."""
    found = await patron_by_card(work.session, clean(card))
    values = {name: getattr(found, name) for name in Amendment.model_fields}
    if found.email or found.phone:
        look(work, "read-contact", found.card)
    return _record(request, work, found, {**values, "valid_to": found.valid_to or "", "chip": found.chip or ""}, {})


@router.post("/record")
async def amend(request: Request, work: WorkDep, card: str) -> Response:
    """Keep the corrections, or show the form with what is wrong."""
    found, typed = await patron_by_card(work.session, clean(card)), await _typed(request)
    given: dict[str, Any] = {**typed, "valid_to": typed.get("valid_to") or None}
    try:
        body = Amendment.model_validate(given)
        found = await patrons.amend(work, card=found.card, **body.model_dump(exclude_unset=True))
    except ValidationError as error:
        return _record(request, work, found, typed, by_field(list(error.errors())), 422)
    return see_other(request, f"/reader/patrons/{found.card}/record", toast=_(N_("资料已更新")))


async def _cards(
    request: Request, work: Work, patron: Patron, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    papers = [(d.value, d.text) for d in Document]
    seen = [
        _field(values, errors, "document", N_("核对的证件"), "select", required=True, options=papers),
        _field(values, errors, "last4", N_("证件号码后四位"), required=True, maxlength=4,
               help=_(N_("只保存后四位"))),
    ]
    checks = await checks_of(work.session, patron.id)
    return await _with_numbers(
        request, work, patron, status=status, seen=seen, checks=checks, lost=patron.state is CardState.loss_blocked,
        closed=patron.state is CardState.closed, fee=REISSUE_FEN if patron.source is Source.own else 0,
        new=[
            _field(values, errors, "card", N_("新证号"), required=True, maxlength=40, autofocus=bool(errors)),
            _field(values, errors, "chip", N_("新物理卡号"), maxlength=40), *seen,
        ],
        names=await people.names(work, [one.checked_by for one in checks]), errors=errors,
    )


async def _with_numbers(request: Request, work: Work, patron: Patron, **values: Any) -> Response:
    return _show(request, work, patron, "cards", numbers=await numbers_of(work.session, patron.id), **values)


@router.get("/cards")
async def cards(request: Request, work: WorkDep, card: str) -> Response:
    """证件: every number, identity checks, unblocking and re-issue."""
    found = await patron_by_card(work.session, clean(card))
    return await _cards(request, work, found, {}, {})


@router.post("/unblock")
async def unblock(request: Request, work: WorkDep, card: str) -> Response:
    """解挂 after a look at a document."""
    found, typed = await patron_by_card(work.session, clean(card)), await _typed(request)
    try:
        body = Seen.model_validate(typed)
        await patrons.unblock(work, card=found.card, document=body.document, last4=body.last4)
    except ValidationError as error:
        return await _cards(request, work, found, typed, by_field(list(error.errors())), 422)
    except IdentityNeeded as refusal:
        return await _cards(request, work, found, typed, {"last4": str(refusal)}, 422)
    return see_other(request, f"/reader/patrons/{found.card}", toast=_(N_("已解挂")))


@router.post("/reissue")
async def reissue(request: Request, work: WorkDep, card: str) -> Response:
    """补证."""
    found, typed = await patron_by_card(work.session, clean(card)), await _typed(request)
    try:
        body = NewCard.model_validate({**typed, "chip": typed.get("chip") or None})
        taken = await _number_taken(work, body)
        if taken:
            return await _cards(request, work, found, typed, {"card": str(taken)}, 422)
        patron, fee = await commands.reissue(
            work, card=found.card, new_card=clean(body.card), chip=body.chip, document=body.document, last4=body.last4
        )
    except ValidationError as error:
        return await _cards(request, work, found, typed, by_field(list(error.errors())), 422)
    except IdentityNeeded as refusal:
        return await _cards(request, work, found, typed, {"last4": str(refusal)}, 422)
    said = _(N_("已补证：{card}"), card=patron.card)
    if fee:
        said += _(N_("；工本费 {yuan} 元已计入欠费"), yuan=f"{fee / 100:.2f}")
    return see_other(request, f"/reader/patrons/{patron.card}", toast=said)


async def _number_taken(work: Work, body: NewCard) -> CardTaken | None:
    """Say it on the form while nothing is lost; the database says it again to who comes second."""
    for number in filter(None, (clean(body.card), clean(body.chip or ""))):
        if await queries.number_known(work.session, number):
            return CardTaken(card=number)
    return None


@router.get("/notes")
async def notes(request: Request, work: WorkDep, card: str) -> Response:
    """备注: what the desk should know, and what was once to know."""
    return await _notes(request, work, await patron_by_card(work.session, clean(card)), {}, {})


async def _notes(
    request: Request, work: Work, patron: Patron, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    found = await notes_of(work.session, patron, work.today, all_=True)
    return _show(
        request, work, patron, "notes", status=status, notes=found,
        names=await people.names(work, [n.written_by for n in found] + [n.ended_by for n in found if n.ended_by]),
        fields=[
            _field(values, errors, "text", N_("内容"), "textarea", required=True, maxlength=500, rows=2, span=12),
            _field(values, errors, "until", N_("提醒至"), "date", help=_(N_("留空则一直提醒，直到有人办结"))),
            _field(values, errors, "urgent", N_("醒目"), "switch"),
        ],
    )


@router.post("/notes")
async def add_note(request: Request, work: WorkDep, card: str) -> Response:
    """Leave a remark."""
    found, typed = await patron_by_card(work.session, clean(card)), await _typed(request)
    try:
        body = NewNote.model_validate({**typed, "until": typed.get("until") or None})
    except ValidationError as error:
        return await _notes(request, work, found, typed, by_field(list(error.errors())), 422)
    if body.until and body.until < work.today:
        return await _notes(request, work, found, typed, {"until": _(N_("日期已过"))}, 422)
    await patrons.add_note(work, card=found.card, **body.model_dump())
    return see_other(request, f"/reader/patrons/{found.card}/notes", toast=_(N_("备注已保存，扫证时会提醒")))


@router.post("/notes/{note_id}/end")
async def end_note(request: Request, work: WorkDep, note_id: UUID) -> Response:
    """办结."""
    found = await patrons.end_note(work, note_id=note_id)
    return see_other(request, f"/reader/patrons/{found.card}/notes", toast=_(N_("备注已办结")))


@router.get("/history")
async def history(
    request: Request, work: WorkDep, card: str, page_no: Annotated[int, Query(alias="page", ge=1)] = 1,
    loans: bool = False,
) -> Response:
    """历史: what happened to the record; past loans only on request, and the look is written down."""
    found = await patron_by_card(work.session, clean(card))
    past = await history_of(work.session, found.id) if loans else None
    if past is not None:
        look(work, "read-loan-history", found.card, rows=len(past))
    rows, total = await queries.trail(work, found, limit=SIZE, offset=offset(page_no))
    return _show(request, work, found, "history", past=past, trail=rows, **paged(page_no, total))
