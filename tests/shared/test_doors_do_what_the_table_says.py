"""What the table of rights says is what happens: a sample of real requests through each department's application.

Whoever the table refuses is refused (a stranger is asked to sign in); whoever it admits is not turned away by the
command behind the door either, and nothing that knocks makes a room fail.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from deploy.access import NARROWER, Door, doors, listed
from shared.identity import Actor
from tests.support.databases import Database
from tests.support.departments import client, opened
from tests.support.doorways import CALLERS, knock, passes

SAMPLE = 60


def sample(dept: str) -> list[tuple[Door, Actor, bool]]:
    """Doors and callers, the same ones every time: half of them admitted, half refused."""
    chance = Random(dept)
    table = [d for d in doors() if d.dept == dept and d.by != () and not listed(d.name, NARROWER)]
    found = []
    for door in chance.sample(table, min(SAMPLE, len(table))):
        admitted = [a for a in CALLERS if passes(door, a)]
        refused = [a for a in CALLERS if not passes(door, a)]
        for_whom = admitted if not refused or (admitted and len(found) % 2) else refused
        actor = chance.choice(for_whom)
        found.append((door, actor, for_whom is admitted))
    return found


@pytest.mark.parametrize("dept", ["office", "resources", "tech", "reader", "institute"])
async def test_a_door_does_what_the_table_says(
    dept: str, database: Callable[[str], Database], tmp_path: Path
) -> None:
    service = importlib.import_module(f"services.{dept}.app").service
    wrong = []
    async with opened(service, database(dept), tmp_path) as app:
        for door, actor, admitted in sample(dept):
            async with client(app, None if actor.kind == "anonymous" else actor) as browser:
                answer = await knock(browser, door)
            asked_in = answer.status_code == 401 or answer.headers.get("location", "").startswith("/login")
            # A verb of a register is judged on a record, and here is none: not found is as good as refused.
            gone = door.by is not None and answer.status_code == 404
            turned_away = asked_in if actor.kind == "anonymous" else answer.status_code == 403
            unsafe = "frame-ancestors 'none'" not in answer.headers.get("content-security-policy", "")
            if unsafe or answer.status_code >= 500 or (turned_away if admitted else not (turned_away or gone)):
                wrong.append((door.name, door.verb, actor.posts or actor.kind, admitted, answer.status_code))
    assert not wrong
