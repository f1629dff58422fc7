"""A self-check machine of another maker for tests, and what it is connected to."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from Sip2.sip2 import Sip2  # type: ignore[import-untyped]

from services.reader.desk.selfcheck import codec, commands
from services.reader.desk.selfcheck.codec import ANSWERS, Message
from services.reader.desk.selfcheck.model import Charset, Right
from services.reader.desk.selfcheck.server import Limits, Server
from shared.database import new_sessions
from tests.reader.desk.conftest import HEAD, Desk

PASSWORD = "kiosk-test-password"
ALL = [right.value for right in Right]
BLANK = " " * 18


async def terminal(desk: Desk, account: str = "kiosk", **facts: Any) -> Any:
    """A terminal with every right, by its command."""
    made, _password = await desk.do(
        commands.enlist, HEAD, password=PASSWORD,
        **{"account": account, "name": "大厅 1 号机", "rights": ALL, **facts},
    )
    return made


@asynccontextmanager
async def listening(desk: Desk, **limits: Any) -> AsyncIterator[Server]:
    """The server on a port of its own, with the clock of the desk."""
    reading = new_sessions(desk.engine.execution_options(isolation_level="AUTOCOMMIT"))
    server = Server(desk.works, reading, library="云山大学图书馆", clock=lambda: desk.now, limits=Limits(**limits))
    await server.start("127.0.0.1", 0)
    try:
        yield server
    finally:
        await server.stop()
        while Machine.connected:
            Machine.connected.pop().leave()


class Machine:
    """Raw lines over a socket: says what real machines say, reads what they read."""

    connected: ClassVar[list[Machine]] = []

    def __init__(self, port: int, charset: str = "utf-8") -> None:
        self.port, self.charset = port, charset
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def connect(self, account: str = "kiosk", password: str = PASSWORD) -> Machine:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.connected.append(self)
        if account:
            self.signed_in = (await self.say(f"9300CN{account}|CO{password}|")).fixed["ok"] == "1"
        return self

    async def raw(self, line: bytes) -> bytes:
        self.writer.write(line + b"\r")
        return (await self.reader.readuntil(b"\r"))[:-1]

    async def say(self, line: str) -> Message:
        return codec.read(await self.raw(line.encode(self.charset)), self.charset, tables=ANSWERS)

    async def checkout(self, card: str, barcode: str, *, renewal: str = "Y", no_block: str = "N", date: str = "20261123    120000", due: str = BLANK) -> Message:
        return await self.say(f"11{renewal}{no_block}{date}{due}AO|AA{card}|AB{barcode}|AC|")

    async def checkin(self, barcode: str, *, no_block: str = "N", date: str = "20261123    120000") -> Message:
        return await self.say(f"09{no_block}{date}{date}AP|AO|AB{barcode}|AC|")

    async def about(self, card: str, summary: str = "", more: str = "") -> Message:
        return await self.say(f"6301920261123    120000{summary:<10}AO|AA{card}|{more}")

    def leave(self) -> None:
        self.writer.close()


class Foreign(Sip2):  # type: ignore[misc]
    """The client of the package `sip2`; it counts letters where the protocol counts bytes, which is mended here."""

    _socket: Any

    def __init__(self, port: int, card: str = "", *, charset: str = "utf-8", checked: bool = True) -> None:
        super().__init__()
        self.log = logging.getLogger("tests.sip2")
        self.log.setLevel(logging.CRITICAL)
        self.hostName, self.hostPort, self.tlsEnable = "127.0.0.1", port, False
        self.hostEncoding, self.withCrc, self.withSeq = charset, checked, checked
        self.institutionId, self.patron, self.socketTimeout = "", card, 20

    def _crc_calc(self, msg: str) -> str:
        return codec.checksum(msg.encode(self.hostEncoding))

    def ask(self, verb: str, *args: Any, **more: Any) -> dict[str, Any]:
        """One request of this name and its answer, parsed by the client."""
        request = getattr(self, f"sip_{verb}_request")(*args, **more)
        parsed: dict[str, Any] = getattr(self, f"sip_{verb}_response")(self.get_response(request))
        return parsed

    def connect(self) -> bool:
        self._socket = socket.create_connection((self.hostName, self.hostPort), timeout=self.socketTimeout)
        return True

    def disconnect(self) -> None:
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._socket.close()
            self._socket = None

    def __del__(self) -> None:
        self.disconnect()


def walk(port: int, card: str, barcode: str, waited: str, *, charset: str, checked: bool) -> dict[str, Any]:
    """What a patron does at a machine, from signing in to saying goodbye."""
    machine = Foreign(port, card, charset=charset, checked=checked)
    machine.connect()
    said = {
        "login": machine.ask("login", "kiosk", PASSWORD), "status": machine.ask("sc_status"),
        "patron": machine.ask("patron_information", "none"), "out": machine.ask("checkout", barcode),
        "again": machine.ask("checkout", barcode), "charged": machine.ask("patron_information", "charged"),
        "renewed": machine.ask("renew", barcode), "item": machine.ask("item_information", barcode),
        "hold": machine.ask("hold", "+", itemIdentifier=waited), "back": machine.ask("checkin", barcode),
        "fines": machine.ask("patron_information", "fine"),
        "paid": machine.ask("fee_paid", 4, 0, "3.00", currencyType="CNY", transactionId="T1"),
        "bye": machine.ask("end_patron_session"),
    }
    machine.disconnect()
    return said


__all__ = ["ALL", "PASSWORD", "Charset", "Foreign", "Machine", "listening", "terminal", "walk"]
