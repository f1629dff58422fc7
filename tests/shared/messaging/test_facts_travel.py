"""What a department states reaches the others once, in order, with its circumstances."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from shared.database import uuid7
from shared.events.base import CaseMoved, Envelope, Event
from shared.events.reader import ItemShelved
from shared.identity import Actor
from shared.messaging.handlers import SOURCES, Handlers
from shared.refusals import NotAllowed
from shared.work import Work
from tests.shared.messaging.rig import Department, arrived, effects, shelved, until

Heard = list[tuple[Event | None, Envelope, dict[str, Any]]]


def watching(heard: Heard) -> Handlers:
    handlers = Handlers()

    @handlers.on_all()
    async def watch(
        work: Work, event: Event | None, envelope: Envelope, payload: dict[str, Any]
    ) -> None:
        heard.append((event, envelope, payload))

    return handlers


async def raw(reader: Department, subject: str, **payload: Any) -> None:
    await reader.rows(
        "INSERT INTO outbox (event_id, subject, aggregate, payload, headers)"
        " VALUES (:id, :subject, 'item:x', CAST(:payload AS jsonb),"
        " CAST(:headers AS jsonb))",
        id=uuid7(), subject=subject, payload=json.dumps(payload),
        headers=json.dumps({"at": "2026-09-01T08:00:00+00:00", "actor": "L001", "kind": "staff"}),
    )  # fmt: skip


async def test_facts_arrive_once_and_in_the_order_they_were_stated(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    await office.bus(effects())
    for start in range(0, 300, 10):
        await reader.state(*(shelved(n) for n in range(start, start + 10)))
    await arrived(office, range(300))
    seqs = [row.seq for row in await office.rows("SELECT seq FROM inbox ORDER BY seq")]
    assert seqs == list(range(1, 301))


async def test_facts_stated_before_anybody_listened_arrive_too(
    reader: Department, office: Department
) -> None:
    await reader.state(*(shelved(n) for n in range(20)))
    await office.bus(effects())
    await reader.bus()
    await arrived(office, range(20))


async def test_a_refused_command_states_nothing(reader: Department) -> None:
    async def command() -> None:
        async with reader.works.open() as work:
            work.emit(shelved(1))
            raise NotAllowed

    with pytest.raises(NotAllowed):
        await command()
    assert await reader.one("SELECT count(*) FROM outbox") == 0


async def test_the_circumstances_of_a_fact_travel_with_it(
    reader: Department, office: Department
) -> None:
    heard: Heard = []
    await reader.bus()
    await office.bus(watching(heard))
    clerk = Actor("L007", "周敏", posts=("RDR-DSK",), rank="馆员", subposts=("RDR-DSK-1",))
    async with reader.works.open(clerk) as work:
        correlation, now = work.correlation, work.now
        event_id = work.emit(shelved(1, "借阅:甲/乙 一"))

    async def came() -> bool:
        return bool(heard)

    await until(came)
    event, envelope, payload = heard[0]
    assert event == shelved(1, "借阅:甲/乙 一")
    assert payload["barcode"] == "借阅:甲/乙 一"
    assert envelope == Envelope(
        event_id=event_id, name="reader.item.shelved", version=1, source="reader", seq=1, at=now,
        actor="L007", actor_kind="staff", posts=("RDR-DSK",), subposts=("RDR-DSK-1",), rank="馆员",
        correlation=correlation,
    )  # fmt: skip


async def test_what_is_stated_in_reaction_belongs_to_the_same_chain(
    reader: Department, office: Department
) -> None:
    handlers = Handlers()

    @handlers.on(ItemShelved)
    async def open_case_on_shelved(work: Work, event: ItemShelved) -> None:
        work.emit(
            CaseMoved(
                department="office", register_="note", number=f"N-{event.title}", title="阅知",
                action="open", act="登记", state="open", state_label="待阅",
            )
        )  # fmt: skip

    echoed: list[Envelope] = []

    back = Handlers()

    @back.on(CaseMoved, source="office")
    async def note_on_case_moved(work: Work, event: CaseMoved) -> None:
        assert work.cause is not None
        echoed.append(work.cause)

    await reader.bus(back)
    await office.bus(handlers)
    async with reader.works.open() as work:
        first = work.emit(shelved(1))
    reader.buses[0].poke()

    async def came_back() -> bool:
        return bool(echoed)

    await until(came_back)
    assert echoed[0].correlation == work.correlation
    assert echoed[0].cause == first
    assert echoed[0].actor_kind == "system"


async def test_facts_newer_than_our_catalogue_are_tolerated(
    reader: Department, office: Department
) -> None:
    heard: Heard = []
    await raw(reader, "guanwu.reader.item.teleported.v1", barcode="A1", to="月球")
    await raw(reader, "guanwu.reader.item.shelved.v9", barcode="A1", shelf=3)
    await raw(reader, "guanwu.reader.item.shelved.v1", barcode="A1", title="5", drone=True)
    await reader.bus()
    await office.bus(effects().include(watching(heard)))
    await arrived(office, [5])

    async def all_heard() -> bool:
        return len(heard) == 3

    await until(all_heard)
    assert [event for event, _, _ in heard] == [None, None, shelved(5, "A1")]
    assert heard[0][2] == {"barcode": "A1", "to": "月球"}
    assert await office.one("SELECT count(*) FROM inbox_parked") == 0


async def test_a_fact_too_large_for_the_stream_fails_its_own_command(reader: Department) -> None:
    with pytest.raises(IntegrityError):
        await reader.state(ItemShelved(barcode="A1", title="长" * 100_000))
    await reader.bus()
    await reader.state(shelved(1))
    await reader.published(1)


def test_a_service_listens_only_where_it_has_handlers() -> None:
    assert effects().sources == ("reader",)
    assert watching([]).sources == SOURCES
    everywhere, here = Handlers(), Handlers()

    async def note(work: Work, event: CaseMoved) -> None:
        raise AssertionError

    everywhere.on(CaseMoved)(note)
    here.on(CaseMoved, source="tech")(note)
    assert everywhere.sources == SOURCES
    assert effects().include(here).sources == ("tech", "reader")


async def test_a_department_hears_itself_when_it_asks_to(office: Department) -> None:
    heard: Heard = []
    await office.bus(watching(heard))
    await office.state(
        CaseMoved(
            department="office", register_="note", number="N-1", title="阅知", action="open",
            act="登记", state="open", state_label="待阅",
        )
    )  # fmt: skip

    async def came() -> bool:
        return bool(heard)

    await until(came)
    assert heard[0][1].source == "office"
