"""The demonstration library's desk: plausible, the same every time, and loaded once."""

from __future__ import annotations

from types import SimpleNamespace

from services.reader import demo
from shared.settings import Settings


async def test_two_weeks_at_the_desk_are_told_once(desk, monkeypatch) -> None:
    for n in range(220):
        await desk.item(title=f"馆藏 {n % 110}", instance=f"i{n % 110}")
    kit = SimpleNamespace(
        works=desk.works, sessions=desk.works.sessions, settings=Settings(service="reader", database_url="", demo_password="a demo password"),
    )
    await demo.seed(kit)
    counts = "SELECT (SELECT count(*) FROM patron), (SELECT count(*) FROM loan), (SELECT count(*) FROM damage_slip), (SELECT count(*) FROM hold WHERE state = 'ready'), (SELECT count(*) FROM loan WHERE returned_at IS NULL AND due_on < current_date), (SELECT count(*) FROM ledger)"
    (told,) = await desk.rows(counts)
    people, loans, slips, ready, overdue, money = told
    assert (people, slips) == (60, 4)
    assert loans > 150
    assert ready >= 1
    assert overdue >= 3
    assert money >= 1
    checks = await desk.rows("SELECT state FROM disc_check ORDER BY opened_at")
    assert [tuple(r) for r in checks] == [("passed",), ("waiting",)]
    await demo.seed(kit)
    assert (await desk.rows(counts))[0] == told
    wrong = await desk.rows("SELECT card FROM patron p WHERE open_loans <> (SELECT count(*) FROM loan l WHERE l.patron_id = p.id AND returned_at IS NULL)")
    assert wrong == []
