"""The novelty desk. covers: INS-NOM-01 INS-NOM-02 INS-NOM-03 INS-NOV-01"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.institute.novelty.desk import rules
from services.institute.novelty.desk.model import Commission, Scope
from services.institute.novelty.desk.register import commissions
from shared.identity import SYSTEM, Actor
from shared.testing.registers import keeps_its_promises
from tests.support.days import local_day
from tests.support.departments import client

DESK = Actor(id="G1022", name="台", posts=("INS-NOM",), dept="institute")
SEARCHER = Actor(id="G1021", name="检", posts=("INS-NOV",), dept="institute", rank="senior")
REVIEWER = Actor(id="G1028", name="审", posts=("INS-NOV",), dept="institute", rank="senior")
REPORT = {"databases": "知网 1990–2026", "strategy": "主题=水稻 AND 病害", "hits": 3, "conclusion": "未见与查新点相同的公开报道。"}


def form(**more: object) -> dict[str, object]:
    soon = (local_day() + timedelta(days=20)).isoformat()
    return {
        "client": "周明远", "unit": "农业工程学院", "contact": "0511-88790000", "title": "水稻病害识别方法",
        "purpose": "project", "scope": "foreign", "wanted_on": soon, "copies": 3,
        "key_technology": "采用注意力机制的轻量网络在田间复杂背景下识别七种水稻病害。", "points": "轻量化注意力网络在田间的应用", **more,
    }


@pytest.mark.parametrize(
    ("scope", "urgent", "copies", "fen"),
    [
        (Scope.domestic, False, 2, 60000), (Scope.foreign, False, 2, 100000),
        (Scope.domestic, True, 2, 90000), (Scope.foreign, True, 4, 154000),
    ],
)
def test_the_fee_follows_scope_urgency_and_copies(scope: Scope, urgent: bool, copies: int, fen: int) -> None:
    assert rules.fee(scope, urgent=urgent, copies=copies) == fen


def test_promised_days_are_working_days() -> None:
    friday = date(2026, 11, 20)
    assert rules.promised(Scope.domestic, friday, urgent=False) == date(2026, 11, 27)
    assert rules.promised(Scope.foreign, friday, urgent=False) == date(2026, 12, 4)
    assert rules.promised(Scope.domestic, friday, urgent=True) == date(2026, 11, 25)


async def receive(app, **more: object) -> str:
    async with client(app, DESK) as desk:
        answer = await desk.post("/api/institute/novelty", json=form(**more))
        assert answer.status_code == 201, answer.text
        return f"/api/institute/novelty/{answer.json()['no']}"


async def test_a_commission_runs_to_the_archive(app) -> None:
    url = await receive(app)
    async with client(app, DESK) as desk, client(app, SEARCHER) as searcher, client(app, REVIEWER) as reviewer:
        assert (await desk.post(f"{url}/accept", json={})).json()["state"] == "accepted"
        assert (await desk.post(f"{url}/assign", json={"searcher": SEARCHER.id})).status_code == 200
        assert (await searcher.post(f"{url}/start", json={})).status_code == 200
        assert (await searcher.post(f"{url}/submit", json=REPORT)).json()["state"] == "reviewing"
        own = await searcher.post(f"{url}/pass", json={})
        assert (own.status_code, own.json()["code"]) == (409, "same-person")
        assert (await reviewer.post(f"{url}/pass", json={})).json()["state"] == "signed"
        unpaid = await desk.post(f"{url}/deliver", json={})
        assert (unpaid.status_code, unpaid.json()["code"]) == (409, "novelty.fee-owed")
        assert "1020.00" in unpaid.json()["message"]
        paid = (await desk.post(f"{url}/charge", json={})).json()
        assert paid["receipt"].startswith("CXSJ")
        assert (await desk.post(f"{url}/charge", json={})).status_code == 409
        assert (await desk.post(f"{url}/deliver", json={})).status_code == 200
        assert (await desk.post(f"{url}/file", json={})).json()["state"] == "filed"
    async with app.state.kit.works.open() as work:
        rows = (await work.session.execute(text("SELECT subject, payload FROM outbox ORDER BY id"))).all()
    charged = [r.payload for r in rows if r.subject == "guanwu.institute.novelty.charged.v1"]
    assert [c["amount_cents"] for c in charged] == [102000]
    assert all("周明远" not in str(r.payload) and "8879" not in str(r.payload) for r in rows)


async def test_an_incomplete_form_is_not_accepted(app) -> None:
    async with client(app, DESK) as desk:
        answer = await desk.post("/api/institute/novelty", json={"title": "水稻"})
    assert answer.status_code == 422
    assert {"client", "unit", "contact", "points", "key_technology", "wanted_on", "title"} <= set(answer.json()["errors"])


async def test_only_a_senior_colleague_reviews(app) -> None:
    url = await receive(app)
    async with app.state.kit.works.open() as work:
        record = await work.lock(Commission, Commission.no == url.rsplit("/", 1)[1])
        record.state, record.searcher = "reviewing", SEARCHER.id
    async with client(app, replace(REVIEWER, rank="mid")) as junior:
        answer = await junior.post(f"{url}/pass", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "novelty.reviewer-not-senior")


async def test_a_discount_is_approved_by_the_director_and_never_exceeds_the_fee(app) -> None:
    url = await receive(app, scope="domestic", copies=2)
    director = Actor(id="G1000", name="馆", posts=("director",))
    async with client(app, DESK) as desk, client(app, director) as head:
        await desk.post(f"{url}/accept", json={})
        less = {"discount_cents": 10000, "discount_reason": "校内项目减免"}
        assert (await desk.post(f"{url}/discount", json=less)).status_code == 403
        assert (await head.post(f"{url}/discount", json={**less, "discount_cents": 70000})).status_code == 422
        assert (await head.post(f"{url}/discount", json=less)).status_code == 200
        assert (await desk.post(f"{url}/charge", json={})).json()["paid_cents"] == 50000


async def test_the_register_keeps_its_promises(app) -> None:
    await keeps_its_promises(
        commissions, app, form,
        ask={"refuse": {"reason": "不在范围"}, "assign": {"searcher": SEARCHER.id}, "submit": REPORT,
             "discount": {"discount_cents": 100, "discount_reason": "校内项目"}, "return": {"reason": "补检专利"},
             "cancel": {"reason": "委托人撤回"}},
        prepare=_ready, acting=_acting,
    )


async def _ready(work, record, action: str) -> None:
    record.searcher = SEARCHER.id
    if action == "deliver":
        record.paid_cents = record.fee_cents


def _acting(action) -> Actor:
    """Somebody with the action's posts and a senior title; steps of one named person as the system."""
    if action.by == ("@searcher",):
        return SYSTEM
    return Actor(id="T-holder", name="Holder", posts=action.by, dept="institute", rank="senior")
