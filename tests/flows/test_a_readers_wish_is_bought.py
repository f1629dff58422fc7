"""A reader asks for a title, a buyer says yes, and the reader sees it on its way.

covers: RES-ACQ-02
"""

from __future__ import annotations

import time
from typing import Any

from tests.flows.conftest import Story, eventually

READER = "20252001"


async def test_a_wish_becomes_a_wanted_title_and_its_reader_hears_of_it(story: Story) -> None:
    title = f"读者想看的书 {time.time_ns()}"
    wish = await story.post(READER, "/api/reader/my/suggestions", status=201, title=title, author="某人", reason="课程要用")

    async def listed() -> dict[str, Any]:
        found = await story.get("res-acq", "/api/resources/suggestions", q=title)
        return found["items"][0] if found["items"] else {}

    case = await eventually(listed)
    accepted = await story.post("res-acq", f"/api/resources/suggestions/{case['no']}/accept", copies=2, answer="欢迎再荐")
    assert accepted["state"] == "accepted"

    async def answered() -> dict[str, Any]:
        mine = (await story.get(READER, "/api/reader/my/suggestions"))["items"]
        found = next(one for one in mine if one["number"] == wish["number"])
        return found if found["state"] == "accepted" else {}

    mine = await eventually(answered)
    assert [step["what"] for step in mine["steps"]] == ["submitted", "checked", "accepted"]
    wanted = await story.get("res-acq", f"/api/resources/desiderata/{mine['title_no']}")
    assert (wanted["title"], wanted["copies"], wanted["origin_no"]) == (title, 2, case["no"])
