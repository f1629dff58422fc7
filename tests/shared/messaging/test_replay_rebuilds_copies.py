"""A copy of another department's facts can be made again without doing anything twice."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.reader import ItemShelved
from shared.messaging.handlers import Handlers
from shared.messaging.replay import NothingToRebuild, replay
from shared.messaging.stream import Line
from shared.work import Work
from tests.shared.messaging.rig import Department, arrived, effect, effects, shelved, until


async def rebuild(session: AsyncSession, source: str) -> None:
    assert source == "reader"
    await session.execute(text("DELETE FROM effects"))


async def test_replay_refills_the_copy_and_repeats_no_reaction(
    reader: Department, office: Department
) -> None:
    handlers, reactions = Handlers(), 0

    handlers.on(ItemShelved, read_model=True)(effect)

    @handlers.on(ItemShelved)
    async def notify_on_shelved(work: Work, event: ItemShelved) -> None:
        nonlocal reactions
        reactions += 1
        work.emit(event)

    await reader.bus()
    bus = await office.bus(handlers)
    await reader.state(*(shelved(n) for n in range(30)))
    await arrived(office, range(30))
    await office.rows("DELETE FROM effects WHERE n % 3 = 0")
    await office.rows("INSERT INTO effects (n) VALUES (999)")
    assert bus.line
    read = await replay(
        office.sessions, bus.line, handlers, rebuild, service="office", source="reader"
    )
    assert read == 30
    assert await office.effects() == list(range(30))
    assert reactions == 30
    assert await office.one("SELECT count(*) FROM outbox") == 30
    await reader.state(shelved(30))
    await arrived(office, range(31))

    async def reacted() -> bool:
        return reactions == 31

    await until(reacted)


async def test_a_rebuild_that_fails_leaves_the_old_copy(
    reader: Department, office: Department
) -> None:
    broken, handlers = False, Handlers()

    @handlers.on(ItemShelved, read_model=True)
    async def copy_on_shelved(work: Work, event: ItemShelved) -> None:
        if broken:
            raise ValueError
        await effect(work, event)

    await reader.bus()
    bus = await office.bus(handlers)
    await reader.state(shelved(0), shelved(1))
    await arrived(office, [0, 1])
    broken = True
    assert bus.line
    with pytest.raises(ValueError, match=r"^$"):
        await replay(
            office.sessions, bus.line, handlers, rebuild, service="office", source="reader"
        )
    assert await office.effects() == [0, 1]


async def test_replay_refuses_where_nothing_keeps_a_copy(office: Department) -> None:
    line = Line("office", office.settings.nats_url)
    with pytest.raises(NothingToRebuild):
        await replay(office.sessions, line, effects(), rebuild, service="office", source="reader")
