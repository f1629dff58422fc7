"""A copy that was tampered with is named, mended from its owner's words, and equal again; what is under way is not reported.

covers: TEC-SYS-03
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from deploy.rights import COMPARES
from services.reader.app import service as reader_service
from services.reader.desk.circulation.ledger import ledger as lending
from services.reader.desk.items.copied import copy as items_copy
from services.reader.discovery.catalogue.copied import copy as catalogue_copy
from services.resources.app import service as resources_service
from services.resources.cataloguing.items import commands as items
from services.resources.cataloguing.items.ledger import ledger as items_ledger
from services.resources.cataloguing.records.ledger import ledger as records_ledger
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.losses.commands import new_copy
from services.resources.collections.sightings.copied import copy as lending_copy
from shared.copies import commands
from shared.copies import ledger as ledgers
from shared.copies.comparing import Behind, Comparison, Copy, Outcome, OwnerSilent
from shared.copies.ledger import ASSIGN, Answers, Ledger
from shared.copies.tables import copy_difference
from shared.events.reader import ItemLent, ItemReturned
from shared.identity import Actor
from shared.messaging.inbox import heed
from shared.messaging.records import Record
from shared.refusals import NotAllowed
from shared.service import Kit, Service
from shared.settings import DEPARTMENTS, Settings
from shared.testing.tokens import headers, jwks_file
from tests.resources.conftest import CATALOGUER, RECORDS, House
from tests.support.databases import Database

ENGINEER = Actor("T001", "何工", posts=("TEC-SYS",), dept="tech")
CLERK = Actor("R0001", "林晓雯", posts=("RDR-DSK",), dept="reader")


@dataclass
class Library:
    """Two departments without a bus: the test carries the facts, when it likes."""

    resources: Kit
    reader: Kit
    reader_app: Any

    async def carry(self, source: Service, target: Service) -> None:
        """What `source` stated and `target` has not heard."""
        there, here = getattr(self, source.name), getattr(self, target.name)
        async with there.sessions.begin() as session:
            await session.execute(ASSIGN)
        async with here.sessions.begin() as session:
            place = "SELECT coalesce(max(seq), 0) FROM inbox_cursor WHERE source = :source"
            cursor = await session.scalar(text(place), {"source": source.name})
        async with there.reading() as session:
            rows = (await session.execute(text("SELECT * FROM outbox WHERE seq > :at ORDER BY seq"), {"at": cursor})).all()
        async with here.sessions.begin() as session:
            for row in rows:
                heard = Record(
                    source.name, row.seq, row.seq - 1, row.event_id, row.subject, row.aggregate, None, row.payload, row.headers,
                )
                await heed(session, target.handlers, heard, service=target.name)
            await session.execute(
                text("INSERT INTO inbox_cursor (source, seq) VALUES (:source, :seq) ON CONFLICT (source) DO UPDATE SET seq = :seq"),
                {"source": source.name, "seq": rows[-1].seq if rows else cursor},
            )

    async def news(self) -> None:
        """Everything resources stated reaches the desk, and the other way round."""
        await self.carry(resources_service, reader_service)
        await self.carry(reader_service, resources_service)

    async def compare(self, copy: Copy, **more: Any) -> Outcome:
        """One comparison by its holder, written down."""
        holder = self.reader if copy.owner == "resources" else self.resources
        outcome = await Comparison(copy, self.ask(copy), holder.reading, **{"settle": 0, "patience": 0.3, **more}).run()
        async with holder.works.open() as work:
            await commands.want(work, [copy], by="T001")
            await commands.record(work, copy, outcome)
        return outcome

    def ask(self, copy: Copy) -> Any:
        owner = getattr(self, copy.owner)
        return Answers(owner.sessions, [items_ledger, records_ledger, lending]).answer

    async def mend(self, copy: Copy, actor: Actor = ENGINEER) -> tuple[int, int]:
        holder = self.reader if copy.owner == "resources" else self.resources
        async with holder.works.open(actor) as work:
            return await commands.mend(work, copy, self.ask(copy))


async def said(kit: Kit, statement: str, **values: Any) -> Any:
    async with kit.sessions.begin() as session:
        result = await session.execute(text(statement), values)
        return result.all() if result.returns_rows else []


@pytest.fixture
async def library(database: Callable[[str], Database], tmp_path: Path) -> AsyncIterator[Library]:
    """A handful of records with their items, known to both."""
    apps = {}
    for one in (resources_service, reader_service):
        settings = Settings(
            service=one.name, database_url=database(one.name).url, data=tmp_path / one.name, jwks_url=jwks_file(tmp_path),
            migrate=False,
        )
        apps[one.name] = one.app(settings)
    found = Library(apps["resources"].state.kit, apps["reader"].state.kit, apps["reader"])
    house = House(apps["resources"], found.resources)
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    numbers = await said(found.resources, "SELECT number FROM instance ORDER BY number LIMIT 3")
    for place, row in enumerate(numbers):
        async with found.resources.works.open(CATALOGUER) as work:
            await items.add_item(work, number=row.number, barcode=f"A00999{place}", location="sk-2f")
    await found.news()
    yield found
    for app in apps.values():
        await app.state.kit.engine.dispose()


async def test_a_tampered_copy_is_named_mended_and_equal_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "SIZE", 2)  # many stretches, so that bounds count
    for copy in (items_copy, catalogue_copy, lending_copy):
        assert (await library.compare(copy)).differences == [], copy.ledger
    reader = library.reader
    await said(reader, "UPDATE item SET title = '错题名', location = 'nowhere' WHERE barcode = 'A009990'")
    await said(reader, "UPDATE item SET stock = 'withdrawn' WHERE barcode = 'A009991'")
    await said(reader, "DELETE FROM item WHERE barcode = 'A009992'")
    [one] = (await said(reader, "SELECT instance_id, title FROM catalogue_record ORDER BY instance_id LIMIT 1"))
    await said(reader, "UPDATE catalogue_record SET title = '改坏', suppressed = true WHERE instance_id = :id", id=one.instance_id)

    outcome = await library.compare(items_copy)
    assert len(outcome.differences) == 3
    assert {tuple(sorted(f for f in items_copy.fields if (d.owner or {}).get(f) != (d.held or {}).get(f)))[:2]
            for d in outcome.differences if d.held} == {("location", "title"), ("withdrawn",)}
    [record] = (await library.compare(catalogue_copy)).differences
    assert record.held is not None
    assert record.held["title"] == "改坏"
    # Found once more it is the same line, known since the first time.
    await library.compare(items_copy)
    assert (await said(reader, "SELECT count(*) FROM copy_difference WHERE copy = 'resources.items'"))[0][0] == 3

    with pytest.raises(NotAllowed):
        await library.mend(items_copy, CLERK)
    assert await library.mend(items_copy) == (3, 0)
    assert await library.mend(catalogue_copy) == (1, 0)
    for copy in (items_copy, catalogue_copy):
        assert (await library.compare(copy)).differences == []
    assert (await said(reader, "SELECT title FROM catalogue_record WHERE instance_id = :id", id=one.instance_id))[0][0] == one.title
    assert len(await said(reader, "SELECT 1 FROM audit WHERE action = 'mend' AND actor = 'T001'")) == 4
    alarms = await said(reader, "SELECT payload->>'final' FROM outbox WHERE aggregate = 'upkeep.copy:reader-resources.items' ORDER BY id")
    assert [row[0] for row in alarms] == ["false", "true"]


async def test_what_the_desk_says_of_lending_is_compared_too(library: Library) -> None:
    await said(library.reader, "UPDATE item SET circulation = 'on_loan' WHERE barcode = 'A009990'")
    await said(library.resources, "INSERT INTO sighting (barcode, place, at) VALUES ('A009991', 'loan', now())")
    # What is lost was lent once; neither side answers for where it is.
    await said(library.reader, "UPDATE item SET circulation = 'lost' WHERE barcode = 'A009992'")
    await said(library.resources, "INSERT INTO sighting (barcode, place, at) VALUES ('A009992', 'loan', now())")
    await said(library.resources, "UPDATE item SET life = 'lost' WHERE barcode = 'A009992'")
    found = (await library.compare(lending_copy)).differences
    assert [(one.key, one.owner, one.held) for one in found] == [
        ("A009990", {"place": "loan"}, None), ("A009991", None, {"place": "loan"}),
    ]
    assert await library.mend(lending_copy) == (2, 0)
    assert (await library.compare(lending_copy)).differences == []


async def test_the_desks_last_word_counts_whatever_its_clock_said(library: Library) -> None:
    loan = {"barcode": "A009990", "title": "书", "loan_id": "L1", "card": "20230001", "due_on": "2026-12-30"}
    now = datetime.now(UTC)
    async with library.reader.works.open(CLERK, now=now) as work:
        work.emit(ItemReturned(barcode="A009990", title="书", next="shelve"))
    await library.carry(reader_service, resources_service)
    async with library.reader.works.open(CLERK, now=now - timedelta(hours=1)) as work:  # a clock that was set back
        work.emit(ItemLent(**loan))
    await library.carry(reader_service, resources_service)
    await said(library.reader, "UPDATE item SET circulation = 'on_loan' WHERE barcode = 'A009990'")
    assert (await library.compare(lending_copy)).differences == []


async def test_a_copy_brought_for_a_lost_book_is_answered_for_once_it_is_entered(library: Library) -> None:
    async with library.resources.works.open(CATALOGUER) as work:
        record = (await work.session.scalars(select(Instance).order_by(Instance.number).limit(1))).one()
        item = await new_copy(work, record, barcode="A0099988", like=None, place="sk-2f", loss="YS2026-0001")
    await library.news()
    assert (await library.compare(items_copy)).differences == []
    await said(library.resources, "UPDATE item SET life = 'in_stock' WHERE id = :id", id=item.id)
    assert [one.key for one in (await library.compare(items_copy)).differences] == [str(item.id)]


async def test_what_is_merely_under_way_is_no_difference(library: Library) -> None:
    async with library.resources.works.open(CATALOGUER) as work:
        await items.relocate(work, "A009990", call_number="I247.57/999")
    # Nothing arrives: the comparison says so instead of reporting anything.
    with pytest.raises(Behind):
        await library.compare(items_copy)

    answers, answer = 0, library.ask(items_copy)

    async def while_it_changes(question: dict[str, Any]) -> dict[str, Any]:
        """The fact arrives after the first answer, and another is stated between the marks and the facts."""
        nonlocal answers
        answers += 1
        told: dict[str, Any] = await answer(question)
        if question["do"] == "sums":
            await library.carry(resources_service, reader_service)
            async with library.resources.works.open(CATALOGUER) as work:
                await items.relocate(work, "A009991", call_number="I247.57/888")
        elif question["do"] == "marks":
            await library.carry(resources_service, reader_service)
            async with library.resources.works.open(CATALOGUER) as work:
                await items.relocate(work, "A009991", call_number="I247.57/777")
        return told

    await said(library.reader, "UPDATE item SET title = '错题名' WHERE barcode = 'A009992'")
    outcome = await Comparison(items_copy, while_it_changes, library.reader.reading, settle=0).run()
    assert [one.held["title"] for one in outcome.differences if one.held] == ["错题名"]
    assert answers == 3


async def test_dead_letters_come_first_and_a_stranger_gets_no_answer(library: Library) -> None:
    await said(library.reader, "UPDATE item SET title = '错题名' WHERE barcode = 'A009990'")
    await library.compare(items_copy)
    await said(library.reader, """INSERT INTO inbox_parked (source, seq, event_id, subject, aggregate, payload, headers, error)
        VALUES ('resources', 1, gen_random_uuid(), 'guanwu.resources.item.relocated.v1', 'item:A009990', '{}', '{}', 'x')""")
    with pytest.raises(commands.LettersFirst):
        await library.mend(items_copy)
    unknown = Copy("resources.secrets", "", (), items_copy.read, items_copy.mend, items_copy.names)
    with pytest.raises(OwnerSilent):
        await library.compare(unknown)


async def test_the_screen_shows_what_differs_to_the_keepers_alone(library: Library) -> None:
    await said(library.reader, "UPDATE item SET title = '错题名' WHERE barcode = 'A009990'")
    await library.compare(items_copy)

    def client(actor: Actor, lang: str = "zh") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(library.reader_app), base_url="http://reader.test",
            headers={**headers(actor, "reader"), "cookie": f"lang={lang}"},
        )

    async with client(CLERK) as clerk:
        assert (await clerk.get("/reader/upkeep")).status_code == 403
        assert (await clerk.post("/reader/upkeep/mend/resources.items")).status_code == 403
    async with client(ENGINEER) as engineer:
        shown = (await engineer.get("/reader/upkeep")).text
        assert "1 条不一致" in shown
        assert "错题名" in shown
        assert "/reader/items/A009990" in shown
        asked = await engineer.post("/reader/upkeep/compare")
        assert asked.status_code == 303
        # Without a bus nobody answers: a sentence, and nothing is changed.
        silent = await engineer.post("/reader/upkeep/mend/resources.items")
        assert silent.status_code == 503
        assert "没有应答" in silent.text
        assert (await engineer.post("/reader/upkeep/mend/nothing")).status_code == 404
    async with client(ENGINEER, "en") as engineer:
        assert "没有" not in (await engineer.get("/reader/upkeep")).text
    async with library.reader.reading() as session:
        assert (await session.execute(select(copy_difference.c.settled_at))).scalars().all() == [None]


def test_only_those_who_are_declared_may_ask() -> None:
    services = [*(import_module(f"services.{name}.app").service for name in DEPARTMENTS), import_module("gateway.app").service]
    declared = {(asker, one.name) for one in services for ledger in one.ledgers for asker in ledger.asked_by}
    assert declared == {(asker, owner) for asker, owners in COMPARES.items() for owner in owners}
    known: dict[str, Ledger] = {ledger.name: ledger for other in services for ledger in other.ledgers}
    held = [(one.name, copy.ledger) for one in services for copy in one.copies]
    assert len(held) == len(set(held))
    for holder, ledger in held:
        assert holder in known[ledger].asked_by
