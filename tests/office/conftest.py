"""The office on its own, with a few people on their posts."""

from __future__ import annotations

from datetime import date

import pytest

from services.office.app import service
from services.office.people.personnel.register import REGISTER
from services.office.people.post_duties.commands import give_post
from shared.identity import Actor
from tests.support.departments import opened

DIRECTOR = Actor("S0001", "馆长", posts=("director",), rank="senior", dept="office")
HEAD = Actor("S0002", "办公室主任", posts=("head-office",), rank="senior", dept="office")
TECH_HEAD = Actor("S0003", "技术部主任", posts=("head-tech",), rank="senior", dept="tech")
ADM = Actor("S0010", "助理", posts=("OFF-ADM",), rank="mid", dept="office")
SEC = Actor("S0011", "文秘", posts=("OFF-SEC",), rank="mid", dept="office")
LOG = Actor("S0020", "后勤", posts=("TEC-LOG",), rank="junior", dept="tech")
EQP = Actor("S0021", "设备", posts=("TEC-EQP",), rank="junior", dept="tech")
DESK = Actor("S0030", "总台", posts=("RDR-DSK",), rank="mid", dept="reader")
PEOPLE = (DIRECTOR, HEAD, TECH_HEAD, ADM, SEC, LOG, EQP, DESK)
SINCE = date(2026, 9, 1)


async def hire(works, actor: Actor, *, subposts=(), since=SINCE) -> None:
    """The person joins and takes up their first post."""
    async with works.open() as work:
        dept = "library" if actor.posts == ("director",) else actor.dept
        await REGISTER.open(
            work, no=actor.id, name=actor.name, name_en=f"Colleague {actor.id}", dept=dept, title="馆员",
            rank=actor.rank or "junior", login=f"u{actor.id.lower()}", hired_on="2010-07-01",
        )
        for post in actor.posts:
            await give_post(work, staff_no=actor.id, post=post, subposts=list(subposts), valid_from=since)


@pytest.fixture
async def app(database, tmp_path):
    async with opened(service, database("office"), tmp_path) as made:
        yield made


@pytest.fixture
def works(app):
    return app.state.kit.works


@pytest.fixture
async def staffed(works):
    """Everybody of PEOPLE works here."""
    for actor in PEOPLE:
        await hire(works, actor)
    return works
