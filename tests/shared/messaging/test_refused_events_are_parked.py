"""An event a handler refuses waits for a person, with those of its own aggregate behind it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from shared.events.reader import ItemShelved
from shared.identity import Actor
from shared.messaging.handlers import Handlers
from shared.messaging.parked import ReasonNeeded, discard, parked, retry
from shared.refusals import NotAllowed, Refusal
from shared.work import Work
from tests.shared.messaging.rig import Department, arrived, effect, shelved, until

ENGINEER = Actor("T001", "何工", posts=("TEC-SYS",))


class NoShelf(Refusal):
    code = "no-shelf"
    message = "没有这个架位"


class Picky:
    """Handlers that write first and then refuse, until they are mended."""

    def __init__(self) -> None:
        self.refused = {"坏"}
        self.handlers = Handlers()
        self.handlers.on(ItemShelved)(self.note_on_shelved)

    async def note_on_shelved(self, work: Work, event: ItemShelved) -> None:
        await effect(work, event)
        work.emit(event)
        if event.barcode in self.refused:
            raise NoShelf


async def parked_count(office: Department, number: int) -> None:
    async def there() -> bool:
        count: Any = await office.one("SELECT count(*) FROM inbox_parked WHERE resolved_at IS NULL")
        return bool(count == number)

    await until(there)


@pytest.fixture
async def picky(reader: Department, office: Department) -> Picky:
    found = Picky()
    await reader.bus()
    await office.bus(found.handlers)
    items = ["好", "坏", "好", "坏", "好"]
    await reader.state(*(shelved(n, item) for n, item in enumerate(items)))
    await arrived(office, [0, 2, 4])
    await parked_count(office, 2)
    return found


async def test_the_others_go_on_and_its_own_wait_behind_it(
    picky: Picky, reader: Department, office: Department
) -> None:
    await reader.state(shelved(5, "坏"), shelved(6, "好"))
    await arrived(office, [0, 2, 4, 6])
    await parked_count(office, 3)
    rows = await office.rows("SELECT seq, error, attempts FROM inbox_parked ORDER BY seq")
    assert [tuple(row) for row in rows] == [
        (2, "NoShelf: 没有这个架位", 1),
        (4, "behind an earlier event", 0),
        (6, "behind an earlier event", 0),
    ]
    # What the refusing handler had written and stated went with it.
    assert await office.one("SELECT count(*) FROM outbox WHERE aggregate = 'item:坏'") == 0


async def test_a_mended_handler_catches_up_in_order(picky: Picky, office: Department) -> None:
    async with office.works.open(ENGINEER) as work:
        waiting = await parked(work)
        failed = await retry(work, handlers=picky.handlers, parked_id=waiting[0].id)
    assert failed.handled == 0
    assert "NoShelf" in failed.error
    assert [case.seq for case in waiting] == [2, 4]
    picky.refused.clear()
    async with office.works.open(ENGINEER) as work:
        assert (await parked(work, source="reader"))[0].attempts == 2
        done = await retry(work, handlers=picky.handlers, parked_id=waiting[1].id)
    assert done.handled == 2
    assert await office.effects() == [0, 2, 4, 1, 3]
    await parked_count(office, 0)
    stated = "SELECT count(*) FROM outbox WHERE aggregate = 'item:坏' AND headers->>'cause' <> ''"
    assert await office.one(stated) == 2
    assert await office.one("SELECT count(*) FROM audit WHERE action = 'retry'") >= 2


async def test_letting_one_go_needs_a_reason_and_frees_those_behind(
    picky: Picky, office: Department
) -> None:
    async with office.works.open(ENGINEER) as work:
        waiting = await parked(work)
        with pytest.raises(ReasonNeeded):
            await discard(work, parked_id=waiting[0].id, reason=" ")
        await discard(work, parked_id=waiting[0].id, reason="架位已拆除")
    picky.refused.clear()
    async with office.works.open(ENGINEER) as work:
        await retry(work, handlers=picky.handlers, parked_id=waiting[1].id)
    assert await office.effects() == [0, 2, 4, 3]
    kept = await office.one("SELECT resolution FROM inbox_parked ORDER BY seq LIMIT 1")
    assert kept == "discarded by T001: 架位已拆除"


async def test_only_those_who_look_after_the_systems_may_touch_parked_events(
    picky: Picky, office: Department
) -> None:
    async with office.works.open(Actor("L001", posts=("RDR-DSK",))) as work:
        with pytest.raises(NotAllowed):
            await parked(work)
        with pytest.raises(NotAllowed):
            await retry(work, handlers=picky.handlers, parked_id=1)
        with pytest.raises(NotAllowed):
            await discard(work, parked_id=1, reason="x")


async def test_what_passes_by_itself_is_tried_again_and_not_parked(
    reader: Department, office: Department
) -> None:
    handlers, tries = Handlers(), 0

    @handlers.on(ItemShelved)
    async def note_on_shelved(work: Work, event: ItemShelved) -> None:
        nonlocal tries
        tries += 1
        await effect(work, event)
        if tries < 4:
            raise OperationalError("lock", {}, Exception("not granted"))

    await reader.bus()
    await office.bus(handlers)
    await reader.state(shelved(1), shelved(2))
    await arrived(office, [1, 2])
    assert tries == 5
    assert await office.one("SELECT count(*) FROM inbox_parked") == 0


async def test_a_constraint_that_only_bites_at_commit_parks_the_right_event(
    reader: Department, office: Department
) -> None:
    await office.rows("DROP TABLE IF EXISTS shelf")
    await office.rows("CREATE TABLE shelf (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    await office.rows("INSERT INTO shelf VALUES (1)")
    handlers = Handlers()

    @handlers.on(ItemShelved)
    async def fill_on_shelved(work: Work, event: ItemShelved) -> None:
        await work.session.execute(text("INSERT INTO shelf VALUES (:n)"), {"n": int(event.title)})
        await effect(work, event)

    await reader.bus()
    await office.bus(handlers)
    await reader.state(shelved(0), shelved(1), shelved(2))
    await arrived(office, [0, 2])
    await parked_count(office, 1)
    assert await office.one("SELECT seq FROM inbox_parked") == 2
    await office.rows("DROP TABLE shelf")
