"""Processes of the shipped suite are killed under load: no request and no event is lost, and the books agree."""

import asyncio
import re

import pytest

from deploy.ship import running
from tests.containers.load import Desks
from tests.containers.shipped import Shipped
from tests.flows.conftest import Story

pytestmark = [pytest.mark.container, pytest.mark.timeout(900)]


async def test_nothing_is_lost_when_parts_die_under_load(shipped: Shipped, story: Story) -> None:
    await asyncio.to_thread(running.scale, shipped.place, "reader", 2)
    assert shipped.number("reader") == 2
    desks = Desks(story)
    await desks.open()
    try:
        for victim in ("reader", "nats", "postgres", "gateway", "office"):
            done, again = desks.count.done, desks.count.second_tries
            await asyncio.to_thread(shipped.kill, victim)
            await asyncio.sleep(2)
            print(f"{victim} killed: {desks.count.done - done} requests meanwhile, {desks.count.second_tries - again} asked again")
        await asyncio.to_thread(running.scale, shipped.place, "reader", 1)
    finally:
        count = await desks.close()
    print(count)
    assert count.lost == []
    assert count.done > 40
    await asyncio.to_thread(shipped.settle, within=120)
    mine = ", ".join(f"'{barcode}'" for _card, barcode in desks.pairs)
    said = dict(
        shipped.ask("reader", f"select subject, count(*) from outbox where payload->>'barcode' in ({mine}) group by 1")
    )
    lent, back = (int(said[f"guanwu.reader.item.{what}.v1"]) for what in ("lent", "returned"))
    assert lent == back == count.done / 2, "each request was done once, however often it was asked"
    _no_event_is_missing(shipped)
    _the_books_agree(shipped)


def _no_event_is_missing(shipped: Shipped) -> None:
    for service in ("office", "resources", "tech", "reader", "institute"):
        # One after the other; a suite that was put back before goes on a million further up.
        holes = shipped.ask(service, (
            "select seq, step from (select seq, seq - lag(seq, 1, 0::bigint) over (order by seq) as step from outbox) one "
            "where step is distinct from 1 and step < 1000000"
        ))
        assert holes == [], f"{service} has a hole in its log"
    assert shipped.unheard() == []
    heard = shipped.ask("gateway", "select count(distinct event_id) from chronicle where source = 'reader'")
    assert heard[0] == shipped.ask("reader", "select count(*) from outbox")[0]
    assert shipped.ask("office", "select count(*) from inbox_parked where resolved_at is null") == [["0"]]


def _the_books_agree(shipped: Shipped) -> None:
    for service, wanted in (("office", r"^\d+ rows in order"), ("reader", r"^(\d+) of \1 checks hold")):
        code, said = shipped.inside(service, "python", "-m", f"services.{service}.ledger_verify")
        assert code == 0, said
        assert re.search(wanted, said, re.MULTILINE), said
