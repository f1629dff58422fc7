"""A hold for a patron at the desk: placed, refused with its reasons, and signed for by a head beside the desk or elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.circulation import asking_back
from services.reader.desk.codes import clean
from services.reader.desk.holds.model import Hold
from services.reader.desk.holds.rules import HoldRefused
from services.reader.desk.items.queries import item_by_barcode
from services.reader.desk.signing import commands as signing
from services.reader.desk.signing import rules as sign_rules
from services.reader.desk.signing.model import Act
from services.reader.desk.signing.presenting import signature
from services.reader.desk.signing.queries import by_number
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.identity import Approval
from shared.refusals import Invalid
from shared.web.pages import page, see_other
from shared.work import Work

router = Router(prefix="/reader/holds", tags=["holds"], dependencies=[allow(*DESK)])
ITEM = Router(prefix="/reader/items", tags=["holds"], dependencies=[allow(*DESK)])


def _wish(
    card: Annotated[str, Form()] = "", instance_id: Annotated[str, Form()] = "", barcode: Annotated[str, Form()] = "",
    pickup: Annotated[str, Form()] = "", needed_by: Annotated[str, Form()] = "", calling: Annotated[str, Form()] = "",
) -> dict[str, str]:
    """What was asked for, as the form has it and as a request for a signature keeps it."""
    return {
        "card": clean(card), "instance_id": instance_id[:80], "barcode": clean(barcode), "pickup": clean(pickup)[:12],
        "needed_by": needed_by.strip()[:10], "calling": clean(calling),
    }


Wish = Annotated[dict[str, str], Depends(_wish)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid({"day": N_("日期写作 2026-03-01")}) from error


async def _place(work: Work, wish: dict[str, str], **how: Any) -> tuple[Hold, int]:
    hold, turn, _loan = await asking_back.hold_and_recall(
        work, card=wish["card"], instance_id=wish["instance_id"], barcode=wish["barcode"], pickup=wish["pickup"],
        needed_by=_day(wish["needed_by"]), calling=wish["calling"], **how,
    )
    return hold, turn


def _queue(instance_id: str) -> str:
    return f"/reader/holds/titles/{quote(instance_id, safe='')}"


async def _refused(request: Request, work: Work, wish: dict[str, str], refusal: HoldRefused) -> Response:
    """The reasons, and the way a head's word comes in where every one of them may be set aside."""
    about = refusal.params
    wish = {**wish, "card": about["card"]}
    return page(
        request, "circulation/hold_refused.html", status=refusal.status, page_title=_(N_("预约：《{title}》"), title=about["title"]),
        crumbs=[(_(N_("预约")), "/reader/holds"), (about["title"], _queue(about["instance_id"])), (_(N_("不能预约")), "")],
        reasons=[str(reason) for reason in refusal.reasons], wish=wish, back=_queue(about["instance_id"]),
        signable=sign_rules.signable(sign_rules.kept(refusal.reasons)), is_head=work.actor.holds(HEAD),
        act=Act.hold.value, about=sign_rules.about(about["card"], about["thing"], [r.code for r in refusal.reasons]),
    )


@router.post("/place")
async def place(
    request: Request, work: WorkDep, wish: Wish, override: Annotated[bool, Form()] = False,
    note: Annotated[str, Form()] = "",
) -> Response:
    """登记预约 for a patron at the desk."""
    try:
        hold, turn = await _place(work, wish, override=override, note=note[:300])
    except HoldRefused as refusal:
        return await _refused(request, work, wish, refusal)
    return see_other(request, _queue(hold.instance_id), toast=_(N_("已预约，排第 {n} 位"), n=turn))


@ITEM.post("/{barcode}/hold")
async def hold_for(
    request: Request, work: WorkDep, barcode: str, card: Annotated[str, Form()],
    override: Annotated[bool, Form()] = False, note: Annotated[str, Form()] = "", recall: Annotated[bool, Form()] = False,
) -> Response:
    """Place a hold on the item's title for a patron, and call the item back if they cannot wait."""
    found = await item_by_barcode(work.session, clean(barcode))
    wish = _wish(card=card, instance_id=found.instance_id, calling=found.barcode if recall else "")
    try:
        _hold, turn = await _place(work, wish, override=override, note=note[:300])
    except HoldRefused as refusal:
        return await _refused(request, work, wish, refusal)
    return see_other(request, f"/reader/items/{found.barcode}", toast=_(N_("已预约，排第 {n} 位"), n=turn))


@router.post("/signed")
async def signed(
    request: Request, work: WorkDep, wish: Wish, approval: Annotated[str, Form()] = "", number: Annotated[str, Form()] = "",
) -> Response:
    """签批: go on with a head's signature, given beside the desk or from elsewhere; then the wish is the request's own."""
    title = ""
    if number:
        asked = await by_number(work.session, number)
        title, wish = asked.title, {**wish, "card": asked.card, **{key: str(value) for key, value in asked.facts.items()}}
    given: Approval | None = await signature(request, work, approval=approval, number=number, title=title)
    if given is None:
        raise sign_rules.UnknownSignOff
    try:
        hold, turn = await _place(work, wish, signed=given)
    except HoldRefused as refusal:  # more stands against it than was signed for; nothing is spent
        return await _refused(request, work, wish, refusal)
    said = _(N_("已按签批预约《{title}》，排第 {n} 位"), title=hold.title, n=turn)
    return see_other(request, _queue(hold.instance_id), toast=said)


@router.post("/ask")
async def ask(request: Request, work: WorkDep, wish: Wish, note: Annotated[str, Form()] = "") -> Response:
    """请求签批: a head who is elsewhere decides; the hold is tried first, so that the reasons are those of now."""
    try:
        hold, turn = await _place(work, wish)
    except HoldRefused as refusal:
        against = refusal
    else:  # nothing stands against it any more
        return see_other(request, _queue(hold.instance_id), toast=_(N_("已预约，排第 {n} 位"), n=turn))
    about = against.params
    found = await signing.ask(
        work, act=Act.hold, card=about["card"], thing=about["thing"], reasons=sign_rules.kept(against.reasons),
        title=about["title"], note=note, facts={key: value for key, value in wish.items() if key != "card"},
    )
    return see_other(request, f"/reader/sign-offs/{found.number}", toast=_(N_("已请求签批，批复会显示在这里")))
