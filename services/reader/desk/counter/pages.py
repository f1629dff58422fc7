"""The counter's screen: a whole page without script, small parts of it with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import TAKEN, Method
from services.reader.desk.circulation.queries import figures, today_counts
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.counter import accompanying, commands, queries, rules, shown
from services.reader.desk.counter.model import Line, Mode, Outcome, Sitting
from services.reader.desk.discs.form import findings
from services.reader.desk.discs.model import Pays
from services.reader.desk.discs.rules import FINDINGS
from services.reader.desk.notices.commands import mail_slip as mail_the_slip
from services.reader.desk.signing.queries import of_lines
from services.reader.desk.today import midnight
from services.reader.rooms.service_points.queries import point_here, points
from services.reader.rooms.service_points.rules import COOKIE
from shared.database import uuid7
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web import show
from shared.web.pages import page, render_text, see_other, toast
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/desk", tags=["counter"], dependencies=[allow(*DESK)])
KEYS = {Mode.lend: "F2", Mode.take_back: "F3", Mode.renew: "F4", Mode.delegate: "F6", Mode.use: "F7"}


async def _values(
    work: Work, sitting_id: UUID, mode: Mode, panel: Any, lines: Sequence[Line] = ()
) -> dict[str, Any]:
    signs = await of_lines(work.session, [line.id for line in lines if line.outcome is Outcome.refused])
    return {
        "signs": signs, "signers": await people.names(work, {one.signed_by for one in signs.values()}),
        "sitting_id": sitting_id, "mode": mode, "panel": panel, "today": work.today,
        "modes": [{"value": m.value, "label": m.text, "key": KEYS[m]} for m in Mode],
        "kinds": list(DamageKind), "grades": list(Grade), "methods": list(TAKEN), "rules": rules,
        "holds": work.actor.holds, "checks": FINDINGS, "pays": list(Pays),
    }


@router.get("")
async def counter(
    request: Request, work: WorkDep, s: UUID | None = None, mode: str = "lend"
) -> Response:
    """The counter with the lines of the patron being served."""
    if s is None:
        return RedirectResponse(f"/reader/desk?s={uuid7()}&mode={rules.mode_of(mode).value}", status_code=303)
    sitting = await queries.sitting_of(work.session, s)
    if sitting is not None and sitting.operator != work.actor.id:
        raise rules.NotYourSitting
    lines = await queries.lines_of(work.session, sitting)
    return page(
        request, "counter/desk.html", page_title=_(N_("借还台")),
        crumbs=[(_(N_("读者服务部")), "/"), (_(N_("借还台")), "")], lines=lines,
        first_time=sitting is None and await queries.first_time(work.session, work.actor.id),
        day=await queries.day_of(work.session, midnight(work.today)),
        figures=await figures(work.session, midnight(work.today), work.today),
        points=await points(work.session, only_open=True, ours=True),
        here=await point_here(work.session, request.cookies.get(COOKIE, "")),
        **await _values(work, s, rules.mode_of(mode), await queries.panel_of(work, sitting), lines),
    )


async def answer(
    request: Request, work: Work, sitting: Sitting, *, mode: Mode, lines: list[Line] = [],  # noqa: B006
    instead: UUID | None = None, cleared: bool = False,
) -> Response:
    """With script: the new rows and the panel beside them. Without: the page again."""
    await work.session.flush()
    if not request.headers.get("hx-request"):
        return RedirectResponse(f"/reader/desk?s={sitting.id}&mode={mode.value}", status_code=303)
    rows = list(await queries.lines_of(work.session, sitting)) if cleared else lines
    values = await _values(work, sitting.id, mode, await queries.panel_of(work, sitting), rows)
    text = render_text(
        request, "counter/answer.html", lines=rows, instead=instead, fresh=cleared,
        counts=await today_counts(work.session, midnight(work.today)), **values,
    )
    said = Response(text, media_type="text/html")
    said.headers["x-sound"] = rules.sound_of(lines[0]) if lines else "ok"
    return said


async def row(request: Request, work: Work, sitting: Sitting, line: Line) -> Response:
    """One row anew, and nothing else of the screen."""
    await work.session.flush()
    text = render_text(
        request, "counter/line.html", line=line, **await _values(work, sitting.id, line.mode, None, [line])
    )
    return Response(text, media_type="text/html", headers={"cache-control": "no-store"})


@router.post("/scan")
async def scan(
    request: Request, work: WorkDep, sitting: Annotated[UUID, Form()], code: Annotated[str, Form()] = "",
    mode: Annotated[str, Form()] = "lend",
) -> Response:
    """One scan: a card or a book."""
    found = await commands.open_sitting(work, sitting)
    at = ""
    if rules.mode_of(mode) is Mode.take_back:
        at = await point_here(work.session, request.cookies.get(COOKIE, ""))
    line = await commands.scan(work, found, code=code, mode=rules.mode_of(mode), at=at)
    return await answer(
        request, work, found, mode=rules.mode_of(mode), lines=[line] if line else [],
        cleared=line is None,
    )


@router.post("/next")
async def next_patron(
    request: Request, work: WorkDep, sitting: Annotated[UUID, Form()],
    mode: Annotated[str, Form()] = "lend",
) -> Response:
    """F9: the next in line."""
    found = await commands.next_patron(work, sitting)
    return await answer(request, work, found, mode=rules.mode_of(mode), cleared=True)


@router.post("/lines/{line_id}/damage")
async def damage(
    request: Request, work: WorkDep, line_id: UUID, grade: Annotated[Grade, Form()],
    kind: Annotated[DamageKind, Form()] = DamageKind.other, note: Annotated[str, Form()] = "",
) -> Response:
    """破损: kind and grade, one press."""
    sitting, line, slip = await commands.report_line(work, line_id, kind=kind, grade=grade, note=note[:300])
    done = await answer(request, work, sitting, mode=line.mode, lines=[line], instead=line_id)
    if request.headers.get("hx-request"):
        toast(
            done, _(N_("已登记破损：《{title}》，{state}"), title=slip.title, state=slip.state.text),
            "warn", f"/reader/damage/{slip.number}",
        )
    return done


@router.post("/lines/{line_id}/disc")
async def disc(
    request: Request, work: WorkDep, line_id: UUID, barcode: Annotated[str, Form()]
) -> Response:
    """一并借出: the disc of the book just lent."""
    sitting, line = await accompanying.lend_disc(work, line_id, barcode=clean(barcode))
    return await answer(request, work, sitting, mode=line.mode, lines=[line], cleared=True)


@router.post("/lines/{line_id}/check")
async def check(
    request: Request, work: WorkDep, line_id: UUID, found: Annotated[dict[str, Any], Depends(findings)]
) -> Response:
    """验盘: in the row the disc came back in."""
    at = await point_here(work.session, request.cookies.get(COOKIE, ""))
    sitting, line, _done = await accompanying.check_line(work, line_id, at=at, **found)
    return await answer(request, work, sitting, mode=line.mode, lines=[line], instead=line_id)


@router.post("/pay")
async def pay(
    request: Request, work: WorkDep, sitting: Annotated[UUID, Form()],
    method: Annotated[Method, Form()] = Method.cash, mode: Annotated[str, Form()] = "lend",
) -> Response:
    """缴费: everything the patron owes, one receipt."""
    found, receipt, amount = await shown.pay_at_desk(work, sitting, method=method)
    said = _(N_("已收 {money}，收据 {receipt}"), money=show.money(amount), receipt=receipt)
    if not request.headers.get("hx-request"):
        return see_other(request, f"/reader/desk?s={sitting}&mode={rules.mode_of(mode).value}", toast=said)
    done = await answer(request, work, found, mode=rules.mode_of(mode))
    return toast(done, said, "ok", f"/reader/charges/receipts/{receipt}")


@router.post("/renew-all")
async def renew_all(
    request: Request, work: WorkDep, sitting: Annotated[UUID, Form()],
    mode: Annotated[str, Form()] = "lend",
) -> Response:
    """全部续借."""
    found, lines = await shown.renew_all(work, sitting)
    return await answer(request, work, found, mode=rules.mode_of(mode), lines=lines[::-1])


@router.get("/day")
async def day(request: Request, work: WorkDep) -> Response:
    """The day in numbers; the counter fetches its part of it again when something happened."""
    return page(
        request, "counter/day.html", page_title=_(N_("今日统计")), today=work.today,
        crumbs=[(_(N_("借还台")), "/reader/desk"), (_(N_("今日统计")), "")],
        day=await queries.day_of(work.session, midnight(work.today)),
        figures=await figures(work.session, midnight(work.today), work.today),
    )


@router.get("/recent")
async def recent(
    request: Request, work: WorkDep, of: str = "me", q: str = "", s: UUID | None = None
) -> Response:
    """The last hundred transactions of today: this desk's, mine, everybody's."""
    of = of if of in {"desk", "me", "all"} and (of != "desk" or s) else "me"
    found = await queries.recent(
        work.session, midnight(work.today), sitting=s if of == "desk" else None,
        operator=work.actor.id if of == "me" else "", q=q.strip()[:60],
    )
    keep = f"&s={s}" if s else ""
    return page(
        request, "counter/recent.html", page_title=_(N_("最近办理")), lines=found, q=q, of=of, s=s, rules=rules,
        crumbs=[(_(N_("借还台")), f"/reader/desk?s={s}" if s else "/reader/desk"), (_(N_("最近办理")), "")],
        names=await people.names(work, {who for _line, who in found}), me_id=work.actor.id,
        is_head=work.actor.holds(HEAD),
        tabs=[
            {"label": label, "url": f"/reader/desk/recent?of={key}{keep}", "active": of == key}
            for key, label in (("desk", _(N_("本台"))), ("me", _(N_("我办的"))), ("all", _(N_("全部"))))
            if key != "desk" or s
        ],
    )


@router.get("/slip")
async def slip(request: Request, work: WorkDep, s: UUID, round_: int = 0) -> Response:
    """F8: what the patron takes home; an earlier round is printed again without the account's figures."""
    sitting, lines = await _in_hand(work, s, round_)
    return page(
        request, "counter/slip.html", page_title=_(N_("凭条")), lines=lines, now=work.now,
        sitting_id=s, panel=await queries.panel_of(work, sitting) if not round_ else None,
    )


async def _in_hand(work: Work, s: UUID, round_: int = 0) -> tuple[Sitting | None, list[Line]]:
    sitting = await queries.sitting_of(work.session, s)
    if sitting is not None and sitting.operator != work.actor.id:
        raise rules.NotYourSitting
    found = await queries.lines_of(work.session, sitting, round_=round_)
    lines = [line for line in found if line.outcome in rules.IN_HAND]
    return sitting, lines[::-1]


@router.post("/slip/mail")
async def mail_slip(request: Request, work: WorkDep, s: Annotated[UUID, Form()]) -> Response:
    """The same slip to the patron's mailbox."""
    sitting, lines = await _in_hand(work, s)
    panel = await queries.panel_of(work, sitting)
    # A book returned in passing may be another patron's: it is not for this mailbox.
    lines = [line for line in lines if panel and line.card in {"", panel.patron.card}]
    if panel is None or not lines:
        raise rules.NothingOnSlip
    queued = await mail_the_slip(work, card=panel.patron.card, about=f"{s}", lines=[
        {
            "id": str(line.id), "what_label": line.outcome.label, "title": line.title, "barcode": line.code,
            "due_on": line.due_on.isoformat() if line.due_on else "", "amount_cents": line.fine_fen or 0,
        }
        for line in lines
    ])
    said = _(N_("凭条已排队，将发到读者邮箱")) if queued else _(N_("这张凭条已经发过"))
    return see_other(request, f"/reader/desk/slip?s={s}", toast=said, tone="ok" if queued else "info")
