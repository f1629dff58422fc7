"""My-work with ten thousand open cases in the house: the first page of one post's list, through the gateway."""

from __future__ import annotations

from typing import Any

from shared.duties import POSTS
from tests.bench.load import Watch, calmest, closed_loop, spread
from tests.bench.stage import Stage

CASES, GROUPS = 10_000, 50
_CASES = """
WITH opened AS (
    INSERT INTO work_item (key, kind, dept, title_zh, title_en, url, duty, urgent, due_at, holders,
                           opened_at, moved_at)
    SELECT 'bench:' || %(prefix)s || n, 'bench', 'reader', '待办事项 ' || n, 'Case ' || n, '/reader/desk', '',
           n %% 20 = 0, now() + (n %% 40 - 10) * interval '1 day', jsonb_build_array(post), now(), now()
    FROM generate_series(1, %(cases)s) n, LATERAL (SELECT (%(posts)s::text[])[1 + n %% %(groups)s] AS post) p
    RETURNING id, dept, due_at, holders
)
INSERT INTO work_holder (holder, sort_at, item_id, dept, due_at)
SELECT holders ->> 0, due_at, id, dept, due_at FROM opened
"""


async def measure(stage: Stage) -> dict[str, Any]:
    """One fiftieth of ten thousand cases waits for the person; then all of them do."""
    posts = [*POSTS, *(f"BENCH-{n:02d}" for n in range(GROUPS - len(POSTS)))]
    rows = stage.rows["gateway"]
    try:
        await _open(stage, "share", posts)
        share = await _ask(stage, "rdr-dsk")
        await _open(stage, "all", ["RES-MGT"])
        everything = await _ask(stage, "res-mgt")
    finally:
        await rows.execute("delete from work_holder where item_id in (select id from work_item where kind = 'bench')")
        await rows.execute("delete from work_item where kind = 'bench'")
    return {"cases": CASES, "groups": GROUPS, "own_share": share, "all_of_them": everything}


async def _open(stage: Stage, prefix: str, posts: list[str]) -> None:
    given = {"prefix": prefix, "cases": CASES, "groups": len(posts), "posts": posts}
    await stage.rows["gateway"].execute(_CASES, given)
    await stage.rows["gateway"].execute("analyze work_item, work_holder")


async def _ask(stage: Stage, who: str) -> dict[str, Any]:
    await stage.token(who)

    async def page(watch: Watch) -> None:
        with watch("page"):
            total = (await stage.ask(who, "GET", "/api/work"))["total"]
        totals.append(total)

    totals: list[int] = []
    seen = await closed_loop(
        [page], stage.meter, windows=1 if stage.quick else 3, seconds=1.5, warm_up=0.5
    )
    calm = calmest(seen)
    return {
        "waiting_for_this_person": totals[-1], **spread(calm.seconds["page"]),
        "foreign_cpu_percent": calm.used.foreign_percent,
    }
