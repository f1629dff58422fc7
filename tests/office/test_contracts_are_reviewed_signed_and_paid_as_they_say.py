"""Contracts: different people look before they are signed; nothing is paid on an unsigned one, nor more than it says.

covers: OFF-FIN-04, OFF-FIN-02
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.office.money.contracts import rules
from services.office.money.contracts.commands import remind
from services.office.money.contracts.model import Contract, ContractReview, ContractState
from services.office.money.contracts.register import REGISTER
from services.office.money.expenditure.model import Voucher
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from services.office.money.expenditure.register import reverse
from shared.events.resources import InvoiceSubmitted, PaymentShare
from shared.identity import SYSTEM, Actor
from shared.instalments import plan_of
from shared.refusals import Invalid, NotFound, SamePerson
from shared.testing.registers import keeps_its_promises
from shared.web.register import Upload
from shared.web.register.tables import attachment
from tests.office.conftest import ADM, DIRECTOR, EQP, HEAD, TECH_HEAD
from tests.office.test_budgets_hold_and_spend import (
    FIN,
    FIN2,
    act,
    budget,
    hear,
    placed,
    sums,
    told,
)
from tests.support.days import local_day
from tests.support.departments import client

LAWYER = Actor("S0040", "法务", posts=("head-office",), rank="senior")
COPY = [Upload("合同.pdf", "application/pdf", 12, "d" * 64)]
FORM = {"subject": "门禁系统维保", "party": "江畔电子", "from_on": "2026-11-20", "to_on": "2027-11-19"}
SIGNING = {"signed_on": "2026-11-23", "signer": "王某", "seal_no": "YY-12", "signed_copy": COPY}
SAY = {"opinion": "同意"}


async def drafted(works, fund: str, yuan: str = "600.00", actor: Actor = EQP, **more) -> str:
    async with works.open(actor, now=datetime(2026, 11, 23, 4, tzinfo=UTC)) as work:
        return str((await REGISTER.open(work, **{**FORM, "amount": yuan, "fund": fund, **more})).no)


async def walk(works, no: str, *, upto: str = "start", legal: bool = False, again: bool = False) -> None:
    steps = [(EQP, "submit", {}), (TECH_HEAD, "business", SAY), (FIN, "finance", SAY)]
    steps += [(LAWYER, "legal", SAY)] if legal else []
    steps += [(DIRECTOR, "approve", SAY), (EQP, "sign", SIGNING), (EQP, "start", {})]
    for actor, action, asked in steps:
        await act(works, REGISTER, actor, no, action, **asked)
        if action == upto:
            return


async def one(works, no: str) -> Contract:
    async with works.sessions() as session:
        return (await session.scalars(select(Contract).where(Contract.no == no))).one()


async def voucher(works, contract: str, yuan: str, fund: str, **more) -> str:
    async with works.open(ADM, now=datetime(2026, 11, 23, 4, tzinfo=UTC)) as work:
        return str((await VOUCHERS.open(
            work, direction="spending", subject="维保费", amount=yuan, party="江畔电子", made_on="2026-11-23", fund=fund, contract=contract, **more
        )).no)


async def pay(works, no: str, cashier: Actor = FIN2) -> None:
    for actor, action, asked in ((FIN, "audit", {}), (DIRECTOR, "approve", {}), (cashier, "execute", {"method": "转账"})):
        await act(works, VOUCHERS, actor, no, action, **asked)


def test_the_plan_the_term_and_the_money_agree() -> None:
    found = plan_of("2026-12-01 30,000.50 签订后十日内\n\n2027-06-01 10 验收后")
    assert [(p.due_on, p.amount, p.condition) for p in found] == [(date(2026, 12, 1), 3_000_050, "签订后十日内"), (date(2027, 6, 1), 1000, "验收后")]
    for wrong in ("明天 100", "2026-12-01", "2026-12-01 -5", "2026-12-01 1.001"):
        with pytest.raises(Invalid):
            plan_of(wrong)
    def contract(**more) -> Contract:
        filled = {"amount": 100, "added": 0, "fund": "JF1", "from_on": date(2026, 1, 1), "to_on": date(2026, 2, 1), "plan": "", "main": ""}
        return Contract(**{**filled, **more})
    rules.check_terms(contract(plan="2026-01-05 1.00"))
    for terms in ({"plan": "2026-01-05 2.00"}, {"to_on": date(2025, 1, 1)}, {"fund": ""}, {"amount": 0}):
        with pytest.raises(Invalid):
            rules.check_terms(contract(**terms))
    assert rules.after_finance(contract(amount=49_999_99)) is ContractState.leader
    assert rules.after_finance(contract(amount=50_000_00)) is ContractState.legal
    with pytest.raises(rules.AboveLeader):
        rules.check_leader(contract(amount=50_000_01), Actor("x", posts=("deputy",)))


def test_reminders_come_once_at_ninety_thirty_and_seven_days() -> None:
    contract = Contract(no="HT1", subject="维保", party="江畔", to_on=date(2026, 12, 31), created_by="x", dept="tech", reminded=0)
    sent = [d for d in range(100, -3, -1) if rules.reminder(contract, date.fromordinal(date(2026, 12, 31).toordinal() - d))]
    assert sent == [90, 30, 7]
    late = Contract(no="HT2", subject="维保", party="江畔", to_on=date(2026, 12, 31), created_by="x", dept="", reminded=0)
    found = rules.reminder(late, date(2026, 12, 26))
    assert found is not None
    assert (found.days, late.reminded) == (5, 7)


async def test_four_people_look_and_what_was_sent_back_comes_as_another_version(works) -> None:
    fund = await budget(works, "200000.00")
    no = await drafted(works, fund, "60000.00")
    await act(works, REGISTER, EQP, no, "submit")
    with pytest.raises(rules.NotYourDepartment):
        await act(works, REGISTER, Actor("S9", posts=("head-reader",)), no, "business", **SAY)
    await act(works, REGISTER, TECH_HEAD, no, "business", **SAY)
    with pytest.raises(SamePerson):
        await act(works, REGISTER, Actor(TECH_HEAD.id, posts=("OFF-FIN",)), no, "finance", **SAY)
    await act(works, REGISTER, FIN, no, "return", return_reason="缺违约条款")
    (back,) = await told(works, "office.contract.returned")
    assert (back["number"], back["reason"], back["round"]) == (no, "缺违约条款", 1)
    async with works.open(EQP) as work:
        await REGISTER.amend(work, no, clauses="违约金按日千分之一")
    await walk(works, no, upto="finance")
    with pytest.raises(SamePerson):
        await act(works, REGISTER, Actor(FIN.id, posts=("head-office",)), no, "legal", **SAY)
    await act(works, REGISTER, LAWYER, no, "legal", **SAY)
    with pytest.raises(rules.AboveLeader):
        await act(works, REGISTER, Actor("S8", posts=("deputy",)), no, "approve", **SAY)
    await act(works, REGISTER, DIRECTOR, no, "approve", **SAY)
    (fact,) = await told(works, "office.contract.approved")
    assert (fact["number"], fact["amount_cents"], fact["round"]) == (no, 60_000_00, 2)
    async with works.sessions() as session:
        sheet = (await session.execute(select(ContractReview.round, ContractReview.stage, ContractReview.passed).order_by(ContractReview.at))).all()
        assert [(r, str(s), p) for r, s, p in sheet] == [
            (1, "business", True), (1, "finance", False), (2, "business", True), (2, "finance", True), (2, "legal", True), (2, "leader", True)]
        with pytest.raises(DBAPIError):
            await session.execute(text("UPDATE contract_review SET opinion = ''"))
    with pytest.raises(rules.NoSignedCopy):
        await act(works, REGISTER, EQP, no, "sign", **{**SIGNING, "signed_copy": []})
    with pytest.raises(Invalid):
        await act(works, REGISTER, EQP, no, "sign", **{**SIGNING, "signed_on": "2126-01-01"})
    await act(works, REGISTER, EQP, no, "sign", **SIGNING)
    assert (await one(works, no)).state == "signed"


async def test_nothing_is_paid_on_an_unsigned_contract_nor_more_than_it_says(works) -> None:
    fund = await budget(works, "10000.00")
    no = await drafted(works, fund, "600.00", prepay_percent=30)
    await walk(works, no, upto="approve")
    early = await voucher(works, no, "100.00", fund)
    with pytest.raises(rules.NotPayable) as refusal:
        await act(works, VOUCHERS, FIN, early, "audit")
    assert "签订盖章后才能付款" in str(refusal.value.reasons[0])
    await act(works, REGISTER, EQP, no, "sign", **SIGNING)
    await pay(works, early)
    with pytest.raises(Invalid):
        await voucher(works, "", "1.00", fund, prepayment=True)
    ahead = await voucher(works, no, "180.01", fund, prepayment=True)
    with pytest.raises(rules.NotPayable):
        await act(works, VOUCHERS, FIN, ahead, "audit")
    await pay(works, await voucher(works, no, "180.00", fund, prepayment=True))
    contract = await one(works, no)
    assert (contract.paid, contract.prepaid) == (280_00, 180_00)
    # Two payments that fit one by one but not together: the second cashier is refused.
    both = [await voucher(works, no, "200.00", fund) for _n in range(2)]
    for number in both:
        for actor, action in ((FIN, "audit"), (DIRECTOR, "approve")):
            await act(works, VOUCHERS, actor, number, action)
    done = await asyncio.gather(*(act(works, VOUCHERS, FIN2, n, "execute", method="转账") for n in both), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotPayable"]
    assert (await one(works, no)).paid == 480_00
    # A reversal gives the contract its room back.
    async with works.open(Actor("S0015", posts=("OFF-ADM",)), now=datetime(2026, 11, 23, 4, tzinfo=UTC)) as work:
        contra = str((await reverse(work, early, "重复付款")).no)
    await pay(works, contra, Actor("S0016", posts=("OFF-FIN",)))
    assert (await one(works, no)).paid == 380_00


async def test_an_invoice_in_advance_passes_or_goes_back_as_the_contract_says(works) -> None:
    fund = await budget(works, "10000.00")
    no = await drafted(works, fund, "1000.00", prepay_percent=50)
    await walk(works, no)
    await hear(works, placed(fund, 900_00))
    def asked(number: str, fen: int, **more) -> InvoiceSubmitted:
        return InvoiceSubmitted(
            number=number, attempt=1, invoice_no=number, supplier="江畔电子", amount_cents=fen,
            shares=(PaymentShare(order="DD1", budget=fund, amount_cents=fen, release_cents=fen),), **more)
    await hear(works, asked("FP1", 600_00, contract=no, prepayment=True))
    (back,) = await told(works, "office.payment.returned")
    assert (back["reference"], "可预付 500.00 元" in back["reason"]) == ("FP1", True)
    await hear(works, asked("FP2", 400_00, contract=no, prepayment=True))
    async with works.sessions() as session:
        ahead = (await session.scalars(select(Voucher).where(Voucher.reference == "FP2"))).one()
    assert (ahead.contract, ahead.prepayment) == (no, True)
    await pay(works, ahead.no)
    assert await sums(works, fund) == (500_00, 0, 400_00, 9100_00)
    # An invoice that prepayments cover asks for no money and makes no voucher; what was held beyond it is free.
    free = InvoiceSubmitted(number="FP3", attempt=1, invoice_no="FP3", supplier="江畔电子", amount_cents=0,
                            shares=(PaymentShare(order="DD1", budget=fund, amount_cents=0, release_cents=500_00),))
    for _twice in range(2):
        await hear(works, free)
    assert await sums(works, fund) == (0, 0, 400_00, 9600_00)


async def test_a_supplement_has_its_own_number_and_lengthens_its_main_contract(works) -> None:
    fund = await budget(works, "10000.00")
    main = await drafted(works, fund, "600.00")
    with pytest.raises(Invalid):
        await drafted(works, fund, "100.00", main=main)  # not signed yet
    await walk(works, main)
    more = await drafted(works, fund, "100.00", main=main, subject="门禁系统维保补充", to_on="2028-11-19")
    await walk(works, more)
    contract = await one(works, main)
    assert (contract.worth, contract.to_on, contract.reminded) == (700_00, date(2028, 11, 19), 0)


async def night(works, day: datetime) -> None:
    async with works.open(SYSTEM, now=day) as work:
        await remind(work, REGISTER)


async def test_the_night_starts_reminds_ends_and_asks_for_the_signed_copy(works) -> None:
    fund = await budget(works, "10000.00")
    no, slow = await drafted(works, fund, "600.00"), await drafted(works, fund, "50.00")
    await walk(works, no, upto="sign")
    await walk(works, slow, upto="approve")
    for day in (datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)):
        await night(works, day)
    assert (await one(works, no)).state == "in_force"
    assert [fact["number"] for fact in await told(works, "office.contract.unsigned")] == [slow]
    for day in (datetime(2027, 11, 13, tzinfo=UTC), datetime(2027, 11, 14, tzinfo=UTC), datetime(2027, 11, 21, tzinfo=UTC)):
        await night(works, day)
    assert [fact["days"] for fact in await told(works, "office.contract.expiring")] == [6]
    (ended,) = await told(works, "office.contract.ended")
    assert (ended["number"], ended["how"], (await one(works, no)).state) == (no, "expired", "expired")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_page_shows_reviews_plan_and_vouchers_and_strangers_see_none(app, works, lang) -> None:
    fund = await budget(works, "10000.00")
    no = await drafted(works, fund, "600.00", plan="2026-12-01 600 签订后")
    await walk(works, no)
    paid = await voucher(works, no, "100.00", fund)
    await pay(works, paid)
    async with client(app, HEAD, cookie=f"lang={lang}") as head, client(app, Actor("S0077", posts=("RDR-CIR",), dept="reader")) as other:
        seen = await head.get(f"/office/contracts/{no}")
        assert seen.status_code == 200
        assert all(part in seen.text for part in (paid, "2026-12-01", "¥600.00", "¥500.00"))
        assert (await other.get(f"/office/contracts/{no}")).status_code == 404
        assert no not in (await other.get("/office/contracts?state=all")).text
    with pytest.raises(NotFound):
        await act(works, REGISTER, Actor("S0077", posts=("RDR-CIR",)), no, "complete", end_reason="不是我的")


async def test_the_register_keeps_its_promises(app, works) -> None:
    fund = await budget(works, "10000.00")
    async def prepare(work, record, action: str) -> None:
        record.dept = "tech"
        if action == "sign":
            await work.session.execute(attachment.insert().values(
                subject="contract", record_id=record.id, field="signed_copy", name="a.pdf", media="application/pdf", size=1, digest="d" * 64, by="x"))
    await keeps_its_promises(
        REGISTER, app, lambda: {**FORM, "amount": "600.00", "fund": fund}, prepare=prepare,
        acting=lambda action: Actor("T-maker", posts=("head-tech",)) if action.name in ("submit", "sign", "start", "complete", "withdraw")
        else SYSTEM if not action.by else Actor("T-b", posts=("head-tech", "head-office", "OFF-FIN", "director"), dept="tech"),
        ask={"business": SAY, "finance": SAY, "legal": SAY, "approve": SAY, "return": {"return_reason": "缺条款"}, "refuse": {"return_reason": "没有这项经费"},
             "sign": {"signed_on": local_day().isoformat(), "signer": "王某", "seal_no": "YY-1"}, "complete": {"end_reason": "履行完毕"},
             "terminate": {"end_reason": "对方违约"}, "withdraw": {"end_reason": "不签了"}},
    )
