"""The short addresses machines of other houses use, and the pace they are held to.

covers: RES-ACQ-05
"""

from __future__ import annotations

import pytest

from gateway.proxy.open_doors import CALLERS, Pace, TooFast
from tests.gateway.conftest import Start
from tests.gateway.standin import Department, serving


async def test_an_open_door_leads_to_its_department_without_sign_in(start: Start) -> None:
    async with serving(Department("resources").app()) as address:
        gateway = await start(departments={"resources": address})
        client = await gateway.client()
        seen = (await client.get("/oai?verb=Identify")).json()
        assert (seen["path"], seen["query"], seen["who"]) == ("/oai", "verb=Identify", None)
        assert (await client.get("/sru?query=a")).json()["path"] == "/sru"
        for elsewhere in ("/oai/x", "/oais"):
            assert (await client.get(elsewhere)).status_code == 404


async def test_who_asks_too_fast_is_told_when_to_come_back(start: Start) -> None:
    async with serving(Department("resources").app()) as address:
        gateway = await start(departments={"resources": address})
        client = await gateway.client()
        gateway.gate.pace = Pace(burst=2, per_second=0.001)
        answers = [await client.get("/oai?verb=Identify") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 503]
        assert int(answers[-1].headers["retry-after"]) > 1
        # Our own people are not slowed down by it.
        assert (await client.get("/resources/records")).status_code != 503


def test_the_pace_is_kept_per_caller_and_callers_are_forgotten() -> None:
    pace = Pace(burst=3, per_second=2)
    for _ in range(3):
        pace.take("a", now=100.0)
    with pytest.raises(TooFast):
        pace.take("a", now=100.0)
    pace.take("b", now=100.0)
    pace.take("a", now=100.5)
    with pytest.raises(TooFast):
        pace.take("a", now=100.5)
    for number in range(CALLERS + 5):
        pace.take(str(number), now=101.0)
    assert len(pace._left) == CALLERS
