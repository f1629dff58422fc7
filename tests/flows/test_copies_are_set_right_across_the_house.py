"""Names, posts, budget lines and held money that went wrong in a department are named on its screen and set right from the owner, over the bus.

covers: TEC-SYS-03
"""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import psycopg

from deploy.local.suite import Suite
from shared.messaging.alarm import place_of
from tests.flows.conftest import Story, eventually

ENGINEER = "tec-sys"
# Who keeps the copy, of what; a hand in its database; what the screen names; and the look that tells whether it is right.
WRONG = {
    "a rank that gives rights": (
        "gateway", "office.staff",
        "UPDATE person SET rank = 'senior' WHERE id = (SELECT min(id) FROM person WHERE kind = 'staff' AND rank = 'junior') RETURNING id",
        "SELECT rank FROM person WHERE id = %s", "junior",
    ),
    "a post nobody was given": (
        "gateway", "office.posts", ("INSERT INTO held_post (holding_id, staff_no, post, subposts, rank, valid_from, stand_in_for) "
        "VALUES ('019a0000-0000-7000-8000-000000000001', 'X0001', 'director', '{}', '', '2026-01-01', '') RETURNING holding_id"),
        "SELECT count(*) FROM held_post WHERE holding_id = %s", 0,
    ),
    "a colleague misnamed": (
        "tech", "office.staff",
        "UPDATE person_name SET name = '张冠李戴' WHERE id = (SELECT min(id) FROM person_name WHERE kind = 'staff') RETURNING id",
        "SELECT count(*) FROM person_name WHERE id = %s AND name <> '张冠李戴'", 1,
    ),
    "a budget line closed by mistake": (
        "resources", "office.budgets",
        "UPDATE fund_line SET open = false WHERE no = (SELECT min(no) FROM fund_line WHERE open) RETURNING no",
        "SELECT open FROM fund_line WHERE no = %s", True,
    ),
    "money held for an order nobody placed": (
        "office", "resources.needs", (
            "INSERT INTO reservation (id, no, state, revision, created_by, created_at, updated_at, correlation, party, version, amount, source, "
            "reason, override_reason, override_by) VALUES (gen_random_uuid(), 'DG0000-0001', 'released', 3, 'X0001', now(), now(), "
            "gen_random_uuid(), '无', 1, 0, '', '', '', '') RETURNING no"
        ),
        "SELECT revision FROM reservation WHERE no = %s", 0,
    ),
}


async def _rows(suite: Suite, service: str, sql: str, *values: Any) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(suite.postgres.url(service), autocommit=True) as link:
        return await (await link.execute(sql, values)).fetchall()


async def test_wrong_copies_are_named_and_mended(story: Story, suite: Suite) -> None:
    engineer = await story.people(ENGINEER)
    holders = sorted({service for service, *_ in WRONG.values()})

    async def compared(service: str) -> str:
        """The page of a department after a comparison of all its copies that began now."""
        [(now,)] = await _rows(suite, service, "SELECT now()")
        answer = await engineer.post(f"{place_of(service)}/compare", headers={"Accept": "text/html"})
        assert answer.status_code in (200, 303), answer.text[:300]

        async def ended() -> bool:
            found = await _rows(suite, service, "SELECT bool_and(wanted_at IS NULL AND ended_at > %s AND trouble = '') FROM copy_check", now)
            return found == [(True,)]

        await eventually(ended, seconds=60)
        return html.unescape((await engineer.get(place_of(service), headers={"Accept": "text/html"})).text)

    async def all_compared() -> dict[str, set[str]]:
        pages = await asyncio.gather(*(compared(service) for service in holders))
        return {service: set(re.findall(r'data-key="([^"]+)"', page)) for service, page in zip(holders, pages, strict=True)}

    before = await all_compared()
    wrong: dict[str, list[str]] = {}
    for case, (service, _ledger, harm, _look, _right) in WRONG.items():
        [(key,)] = await _rows(suite, service, harm)
        wrong[case] = [service, str(key)]
    shown = await all_compared()
    for service in holders:
        assert shown[service] - before[service] == {key for place, key in wrong.values() if place == service}
    for case, (service, ledger, _harm, look, right) in WRONG.items():
        mended = await engineer.post(f"{place_of(service)}/mend/{ledger}", headers={"Accept": "text/html"})
        assert mended.status_code in (200, 303), mended.text[:300]
        assert await _rows(suite, service, look, wrong[case][1]) == [(right,)], case
    after = await all_compared()
    for service, key in wrong.values():
        assert key not in after[service]
