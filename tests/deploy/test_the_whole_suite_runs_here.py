"""What a person finds who typed `make run` on a bare machine."""

import asyncio

import nats
import psycopg
import pytest

from deploy.local.accounts import patrons
from deploy.rights import PROVISION, SERVICES
from shared.duties.catalogue import posts
from tests.support.quiet import settle


@pytest.mark.parametrize("name", ["director", *sorted(code.lower() for code in posts())])
async def test_every_account_that_is_printed_can_sign_in(people, name):
    me = await people(name)
    assert (await me.get("/readyz")).status_code == 200


async def test_a_patron_that_is_printed_can_sign_in(suite, people):
    named = patrons(suite.database_url("gateway"))
    assert named
    assert await people(named[0])


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_comes_back_and_hears_everything(suite, service):
    before = suite.pid(service)
    suite.kill(service)
    suite.start_one(service)
    assert suite.pid(service) not in {None, before}
    settle(suite)


async def test_a_lost_jetstream_store_ends_with_the_newest_event_again(suite):
    newest = {}
    for service in SERVICES:
        with psycopg.connect(suite.database_url(service)) as link:
            [[newest[service]]] = link.execute("select max(seq) from outbox").fetchall()
    spoke = {service: seq for service, seq in newest.items() if seq}
    assert len(spoke) >= 3
    await asyncio.to_thread(suite.wipe_nats)

    client = await nats.connect(suite.nats.url, nkeys_seed_str=suite.secrets.nkey_seed(PROVISION))

    async def last_of(service: str) -> str:
        stored = await client.jetstream().stream_info(service.upper())
        if stored.state.messages == 0:
            return "nothing"
        message = await client.jetstream().get_msg(service.upper(), stored.state.last_seq)
        return (message.headers or {})["Guanwu-Seq"]

    async with asyncio.timeout(120):
        while {service: await last_of(service) for service in spoke} != {
            service: str(seq) for service, seq in spoke.items()
        }:
            await asyncio.sleep(0.1)
    await client.close()
    settle(suite)
