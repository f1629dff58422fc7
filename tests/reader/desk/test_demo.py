"""The demonstration library's desk: plausible, the same every time, and loaded once."""

from __future__ import annotations

from types import SimpleNamespace

from sqlalchemy import func, select
from structlog.testing import capture_logs

from services.reader import demo
from shared.settings import Settings


async def test_two_weeks_at_the_desk_are_told_once(desk, monkeypatch) -> None:
    for n in range(220):
        await desk.item(title=f"馆藏 {n % 110}", instance=f"i{n % 110}")
    kit = SimpleNamespace(
        works=desk.works, sessions=desk.works.sessions, settings=Settings(service="reader", database_url="", demo_password="a demo password"),
    )
    with capture_logs() as said:
        await demo.seed(kit)
    assert not said, "no room was left as it is"
    counts = "SELECT (SELECT count(*) FROM patron), (SELECT count(*) FROM loan), (SELECT count(*) FROM damage_slip), (SELECT count(*) FROM hold WHERE state = 'ready'), (SELECT count(*) FROM loan WHERE returned_at IS NULL AND due_on < current_date), (SELECT count(*) FROM ledger)"
    (told,) = await desk.rows(counts)
    people, loans, slips, ready, overdue, money = told
    assert (people, slips) == (57 + 7 + 3, 5), "seven freshmen of the card centre, three readers of the union"
    assert loans > 150
    assert ready >= 1
    assert overdue >= 1
    assert money >= 1
    checks = await desk.rows("SELECT state FROM disc_check ORDER BY opened_at")
    assert [tuple(r) for r in checks] == [("passed",), ("waiting",)]
    for model, _fill in demo.ROOMS:
        async with desk.works.sessions() as session:
            assert await session.scalar(select(func.count()).select_from(model)), f"{model.__tablename__} is empty"
    states = [row[0] for row in await desk.rows("SELECT DISTINCT state FROM loss ORDER BY state")]
    assert states == ["found", "money", "open", "processing", "refund_asked", "refundable", "replaced", "searching"]
    drawers = await desk.rows("SELECT state, count(*) FROM cash_shift GROUP BY state ORDER BY state")
    assert [state for state, _n in drawers] == ["banked", "counted", "open"]
    await demo.seed(kit)
    assert (await desk.rows(counts))[0] == told
    wrong = await desk.rows("SELECT card FROM patron p WHERE open_loans <> (SELECT count(*) FROM loan l WHERE l.patron_id = p.id AND returned_at IS NULL)")
    assert wrong == []
