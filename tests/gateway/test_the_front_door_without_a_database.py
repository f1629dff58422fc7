"""The gateway's own database is away: who asks cannot be known, and the front door says so; once over, nobody notices.

covers: TEC-SYS-03
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from tests.gateway.conftest import Running


@pytest.mark.parametrize(("times", "status"), [(1, 200), (2, 503)])
async def test_a_look_up_is_tried_again_and_then_refused_in_words(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, times: int, status: int
) -> None:
    browser = await gateway.signed_in("tec-sys")
    sessions, away = gateway.gate.sessions, times
    by_cookie = sessions.by_cookie

    async def shaky(*asked: Any) -> Any:
        nonlocal away
        away -= 1
        if away >= 0:
            raise OperationalError("", None, psycopg.OperationalError("the database system is starting up"))
        return await by_cookie(*asked)

    monkeypatch.setattr(sessions, "by_cookie", shaky)
    answer = await browser.get("/api/work", headers={"accept": "application/json"})
    assert answer.status_code == status
    if status == 503:
        assert answer.json()["code"] == "database-away"
        away = 2
        shown = await browser.get("/", follow_redirects=False)
        assert shown.status_code == 503
        assert "数据库暂时连不上" in shown.text
