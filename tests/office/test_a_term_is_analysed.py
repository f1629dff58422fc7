"""The analysis of a term: what it should have spent, what it did, why it deviates, and who answers for it.

covers: OFF-FIN-02
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.office.money.terms import rules
from services.office.money.terms.model import TermReport
from services.office.money.terms.register import REGISTER
from shared.identity import Actor
from shared.refusals import SamePerson
from shared.testing.registers import han_in, keeps_its_promises
from tests.office.conftest import ADM, DIRECTOR, HEAD
from tests.office.test_budgets_hold_and_spend import FIN, FIN2, NOW, VOUCHERS, act, budget
from tests.support.departments import client


def test_a_term_has_its_months_its_share_and_the_one_a_year_before() -> None:
    assert rules.months_of("2026-2027-1") == [(2026, 9), (2026, 10), (2026, 11), (2026, 12), (2027, 1)]
    assert rules.months_of("2026-2027-2") == [(2027, m) for m in range(2, 9)]
    first, after = rules.span("2026-2027-1")
    assert (first.date().isoformat(), after.date().isoformat()) == ("2026-09-01", "2027-02-01")
    assert rules.span("2026-2027-2")[1].date().isoformat() == "2027-09-01"
    assert rules.year_before("2026-2027-1") == "2025-2026-1"
    assert rules.planned({2026: 1200_00, 2027: 2400_00}, "2026-2027-1") == 400_00 + 200_00
    # The terms of two years take every month once.
    assert sum(rules.planned({2027: 1200_00}, t) for t in ("2026-2027-1", "2026-2027-2", "2027-2028-1")) == 1200_00
    for wrong in ("2026-2028-1", "2026-2027-3", "2026"):
        with pytest.raises(ValueError, match="2026-2027-1"):
            rules.clean_term(wrong)


async def test_what_deviates_is_explained_before_it_is_audited_and_handed_in(app, works) -> None:
    no = await budget(works, "1200.00")
    calm = await budget(works, "300.00", "WW")
    async def paid(yuan: str, fund: str, party: str) -> str:
        async with works.open(ADM, now=NOW) as work:
            voucher = str((await VOUCHERS.open(
                work, direction="spending", subject="订阅费", amount=yuan, party=party, made_on="2026-11-20", fund=fund)).no)
        for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (FIN2, "execute", {"method": "转账"})):
            await act(works, VOUCHERS, actor, voucher, action, **asked)
        return voucher
    await paid("500.00", no, "云山书店")
    await paid("100.00", calm, "邮局")
    async with works.open(FIN, now=NOW) as work:
        report = str((await REGISTER.open(work, term="2026-2027-1", risks="汇率上升", proposals="按季下单")).no)
    # 500 of 400 planned is 25 % too much, 100 of 100 is as planned.
    with pytest.raises(rules.Unexplained) as refusal:
        await act(works, REGISTER, HEAD, report, "audit")
    assert [r.params["deviation"] for r in refusal.value.reasons] == [25.0]
    async with client(app, FIN) as fin, client(app, DIRECTOR) as boss:
        assert (await boss.post(f"/office/term-reports/{report}/explain/ZW", data={"explanation": "教材集中采购"})).status_code == 403
        assert (await fin.post(f"/office/term-reports/{report}/explain/ZW", data={"explanation": " "})).status_code == 422
        assert (await fin.post(f"/office/term-reports/{report}/explain/XX", data={"explanation": "教材集中采购"})).status_code == 404
        for said in ("教材", "教材集中采购"):
            assert (await fin.post(f"/office/term-reports/{report}/explain/ZW", data={"explanation": said})).status_code == 303
    with pytest.raises(SamePerson):
        await act(works, REGISTER, Actor(FIN.id, posts=("head-office",)), report, "audit")
    await act(works, REGISTER, HEAD, report, "audit")
    async with client(app, FIN) as fin:
        assert (await fin.post(f"/office/term-reports/{report}/explain/ZW", data={"explanation": "改口"})).status_code == 409
    await act(works, REGISTER, FIN, report, "hand", handed_on="2026-11-23", handed_to="馆长")
    for lang in ("zh", "en"):
        async with client(app, DIRECTOR, cookie=f"lang={lang}") as boss:
            seen = (await boss.get(f"/office/term-reports/{report}")).text
            assert all(part in seen for part in ("¥400.00", "¥500.00", "+25.0%", "教材集中采购", "云山书店", "/office/vouchers?state=all&amp;q=", "汇率上升"))
            assert lang == "zh" or not han_in(seen), han_in(seen)
    async with works.sessions() as session:
        row = (await session.scalars(select(TermReport))).one()
    assert (row.state, row.audited_by, row.handed_to) == ("handed", HEAD.id, "馆长")


async def test_the_register_keeps_its_promises(app, works) -> None:
    terms = (f"{year}-{year + 1}-{half}" for year in range(2000, 2090) for half in (1, 2))
    await keeps_its_promises(
        REGISTER, app, lambda: {"term": next(terms)}, ask={"hand": {"handed_on": "2026-11-23", "handed_to": "馆长"}})
