"""The permissions of NATS users, tried out on a server that runs with them."""

import asyncio
from collections.abc import AsyncIterator, Callable

import nats
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.secrets import Secrets
from deploy.rights import PROVISION, SERVICES


@pytest.fixture
async def sign_in(var) -> AsyncIterator[Callable[[str], object]]:
    secrets = Secrets(var / "secrets")
    keys = {name: secrets.nkey_public(name) for name in (*SERVICES, PROVISION)}
    server = Nats(var / "nats", free_port(), var / "run", var / "nats.log", keys, durable=False)
    server.start()
    links: list[Client] = []

    async def connect(name: str) -> tuple[Client, asyncio.Queue[str]]:
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def on_error(reason: Exception) -> None:
            await heard.put(str(reason))

        link = await nats.connect(
            server.url, nkeys_seed_str=secrets.nkey_seed(name), inbox_prefix=f"_INBOX.{name}".encode(), error_cb=on_error,
        )  # fmt: skip
        links.append(link)
        return link, heard

    admin, _ = await connect(PROVISION)
    for service in ("reader", "tech"):
        stream = service.upper()
        await admin.jetstream().add_stream(name=stream, subjects=[f"guanwu.{service}.>"])
        for consumer in ("reader", "tech", "office"):
            await admin.jetstream().add_consumer(stream, ConsumerConfig(durable_name=consumer, ack_policy=AckPolicy.EXPLICIT))
    yield connect
    for link in links:
        await link.close()
    server.stop()


async def test_a_service_publishes_its_own_events_and_others_read_them(sign_in):
    reader, _ = await sign_in("reader")
    tech, _ = await sign_in("tech")
    sent = await reader.jetstream().publish("guanwu.reader.item.damaged.v1", b"{}")
    assert sent.stream == "READER"
    mine = await tech.jetstream().pull_subscribe_bind("tech", "READER")
    [message] = await mine.fetch(1, timeout=3)
    await message.ack_sync(timeout=3)
    assert message.subject == "guanwu.reader.item.damaged.v1"


@pytest.mark.parametrize(
    "subject",
    [
        "guanwu.tech.ticket.opened.v1", "guanwu-ctl.tech.head", "$JS.API.STREAM.DELETE.READER", "$JS.API.STREAM.PURGE.READER",
        "$JS.API.STREAM.MSG.DELETE.READER", "$JS.API.CONSUMER.CREATE.TECH.mine", "$JS.API.CONSUMER.MSG.NEXT.TECH.office",
        "$JS.ACK.TECH.office.1.1.1.1.1", "_INBOX.tech.reply",
    ],
)  # fmt: skip
async def test_a_service_cannot_speak_for_another_or_manage_streams(sign_in, subject):
    reader, heard = await sign_in("reader")
    await reader.publish(subject, b"{}")
    assert "permissions violation" in (await asyncio.wait_for(heard.get(), 5)).lower()


@pytest.mark.parametrize("subject", ["guanwu.tech.>", "_INBOX.>", "$JS.API.>", "guanwu-ctl.tech.log"])
async def test_a_service_cannot_listen_where_it_has_no_business(sign_in, subject):
    reader, heard = await sign_in("reader")
    await reader.subscribe(subject)
    assert "permissions violation" in (await asyncio.wait_for(heard.get(), 5)).lower()


async def test_a_service_reads_anothers_log_by_request(sign_in):
    reader, _ = await sign_in("reader")
    tech, _ = await sign_in("tech")

    async def answer(message) -> None:
        await message.respond(b"log")

    await tech.subscribe("guanwu-ctl.tech.log", queue="log", cb=answer)
    await tech.flush()
    await tech.flush()  # the client's first ping goes out before the subscription it is to wait for
    assert (await reader.request("guanwu-ctl.tech.log", b"{}", timeout=3)).data == b"log"


async def test_the_provisioner_speaks_for_no_department(sign_in):
    admin, heard = await sign_in(PROVISION)
    await admin.publish("guanwu.reader.item.damaged.v1", b"{}")
    assert "permissions violation" in (await asyncio.wait_for(heard.get(), 5)).lower()
