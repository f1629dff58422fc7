"""The register of claims, and what opens and closes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.serial_claims import queries, rules
from services.resources.acquiring.serial_claims.model import SerialClaim, SerialClaimState
from services.resources.acquiring.subscriptions.queries import by_no
from shared.events.reader import SerialGapClosed, SerialMissing
from shared.events.resources import IssueOnTheWay, SerialClaimed, SerialDelivered
from shared.i18n import N_, _, speaking
from shared.refusals import Invalid
from shared.web.register import Action, Col, F, Filter, Money, Register
from shared.work import Work


class Promise(BaseModel):
    """What the supplier said it would do."""

    promised_on: date = F(N_("答复寄到日期"))
    answer: str = F(N_("书商答复"), min_length=2, max_length=300, rows=2, span=12)


class Answer(BaseModel):
    """Why it cannot be had."""

    answer: str = F(N_("书商答复"), min_length=2, max_length=300, rows=2, span=12)


class Credit(BaseModel):
    """What is paid back instead."""

    credit_cents: Money = F(N_("退款金额"), gt=0)
    answer: str = F(N_("退款凭据"), min_length=2, max_length=300, rows=2, span=12, help=N_("退款单或抵扣单号"))


def _tell(work: Work, claim: SerialClaim, step: str, label: str) -> None:
    work.emit(SerialClaimed(
        number=claim.no, title_number=claim.title_no, title=claim.title, issue=claim.issue, label=claim.label, step=step,
        step_label=label, round=claim.round, promised_on=claim.promised_on, credit_cents=claim.credit_cents, answer=claim.answer,
    ), correlation=claim.correlation)


async def _claim(work: Work, claim: SerialClaim, _form: Any) -> None:
    if claim.round >= rules.LAST:
        raise rules.LastLetterSent
    claim.round, claim.sent_on, claim.promised_on = claim.round + 1, work.today, None
    claim.next_on = rules.next_on(work.today, claim.kind)
    _tell(work, claim, "claimed", rules.ROUNDS[claim.round])


async def _promise(work: Work, claim: SerialClaim, form: Promise) -> None:
    if form.promised_on < work.today:
        raise Invalid({"promised_on": N_("寄到日期不能早于今天")})
    _tell(work, claim, "promised", N_("答复补寄"))


async def _deliver(work: Work, claim: SerialClaim, _form: Any) -> None:
    work.emit(SerialDelivered(number=claim.no, supplier=claim.supplier_name, count=1, issues=(
        IssueOnTheWay(title_number=claim.title_no, title=claim.title, issue=claim.issue, label=claim.label, copies=claim.copies),
    )), correlation=claim.correlation)


async def _refuse(work: Work, claim: SerialClaim, _form: Any) -> None:
    _tell(work, claim, "refused", N_("无法补到"))


async def _credit(work: Work, claim: SerialClaim, _form: Any) -> None:
    _tell(work, claim, "credited", N_("已退款"))


serial_claims = Register(
    "serial-claims", SerialClaim, dept="resources", title=N_("报刊催缺"), icon="bell-ringing", area=N_("采访"), serves=("RES-ACQ-01",),
    number=rules.NUMBERS, help=N_("阅览室报来的缺期自动列入：一催、二催、末次催缺，答复随时转告阅览室"), life=rules.LIFE, state=SerialClaimState,
    read=(*rules.READERS, "RDR-LED", "RDR-CIR", "RDR-STK"), due=rules.until, holders=rules.holders,
    title_of=lambda claim: f"{claim.title} {claim.label}", search=("no", "title", "label", "title_no", "supplier_name"),
    filters={"due_on": Filter(N_("应到日期"), kind="dates")}, sort="due_on",
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("刊名")), Col("label", N_("期")), Col("supplier_name", N_("供货商")),
        Col("due_on", N_("应到日期"), "date"), Col("round", N_("催缺次数"), "num"), Col("next_on", N_("下次催缺"), "date"), Col("state"),
        Col("copies", N_("份数"), "num", detail_only=True), Col("issued_on", N_("出版日期"), "date", detail_only=True),
        Col("issn", "ISSN", detail_only=True), Col("sent_on", N_("最近催缺"), "date", detail_only=True),
        Col("promised_on", N_("答复寄到日期"), "date", detail_only=True), Col("answer", N_("书商答复"), detail_only=True),
        Col("credit_cents", N_("退款金额"), "money", detail_only=True),
        Col("subscription", N_("订购单"), "link", link=lambda c: f"/resources/subscriptions/{c.subscription}" if c.subscription else "", detail_only=True),
        Col("title_no", N_("报刊编号"), "link", link=lambda c: f"/reader/serials/titles/{c.title_no}", detail_only=True),
    ],
    actions=[
        Action("claim", N_("催缺"), rules.BUYERS, icon="send", tone="info", do=_claim, when=lambda claim: claim.round < rules.LAST),
        Action("promise", N_("登记答复"), rules.BUYERS, icon="message", ask=Promise, do=_promise, note="answer"),
        Action("deliver", N_("补到，转阅览室"), rules.BUYERS, icon="package", tone="success", do=_deliver),
        Action("refuse", N_("无法补到"), rules.BUYERS, icon="ban", tone="danger", ask=Answer, do=_refuse, note="answer", row=False),
        Action("credit", N_("登记退款"), rules.BUYERS, icon="receipt-refund", ask=Credit, do=_credit, note="answer", batch=False, row=False),
        Action("arrive", N_("阅览室已记到"), icon="circle-check", serves=()), Action("reopen", N_("仍未收到，重新列入"), icon="refresh", serves=()),
        Action("withdraw", N_("未出版，撤销"), icon="x", serves=()),
    ],
)


async def follow_missing(work: Work, event: SerialMissing) -> None:
    """A gap was reported: a claim is opened, or the one whose issue did not arrive after all goes on."""
    known = await queries.running(work.session, event.issue)
    if known is not None:
        if known.state == SerialClaimState.delivered:
            await serial_claims.move(work, known.no, "reopen")
        return
    bought = await by_no(work.session, event.subscription)
    await serial_claims.open(
        work, issue=event.issue, title_no=event.number, title=event.title, label=event.label, kind=event.kind, issn=event.issn,
        issued_on=event.issued_on, due_on=event.due_on, copies=event.copies, subscription=event.subscription,
        supplier=bought.supplier if bought else "", supplier_name=bought.supplier_name if bought else "",
    )


async def follow_closed(work: Work, event: SerialGapClosed) -> None:
    """The gap is none any more; what we said ourselves comes back and changes nothing."""
    known = await queries.running(work.session, event.issue)
    if known is not None and event.outcome in ("arrived", "skipped"):
        await serial_claims.move(work, known.no, "arrive" if event.outcome == "arrived" else "withdraw")


async def give_up(work: Work, _due: datetime) -> None:
    """For the schedule: the last letter was not answered."""
    with speaking("zh"):
        said = _(N_("末次催缺后仍无答复"))
    for number in await queries.hopeless(work.session, work.today):
        await serial_claims.move(work, number, "refuse", answer=said)
