"""Lost answers, crowds and garbage: nothing is lent twice and nobody else is hurt. covers: RDR-DSK-BAS-02"""

from __future__ import annotations

import asyncio
import random
from typing import Self

from services.reader.desk.patrons.model import Category
from services.reader.desk.selfcheck.codec import LONGEST
from services.reader.desk.selfcheck.talk import MOST_NONSENSE
from services.reader.selfcheck import chosen_port
from tests.reader.desk.conftest import Desk
from tests.reader.desk.sip2 import PASSWORD, Foreign, Machine, listening, terminal

DATE = "20261123    120000"


class Cutting:
    """A wire that carries every request and, when the dice say so, drops the line instead of the answer."""

    def __init__(self, port: int, seed: int, share: float = 0.4) -> None:
        self.port, self.dice, self.share = port, random.Random(seed), share
        self.cut = 0

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.door = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            while line := await reader.read(4096):
                ours.write(line)
                answer = await theirs.readuntil(b"\r")
                if not line.startswith(b"93") and self.dice.random() < self.share:
                    self.cut += 1
                    return
                writer.write(answer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            ours.close()
            writer.close()


def stubborn(door: int, account: str, card: str, books: list[str], checked: bool) -> dict[str, int]:
    """A machine that asks again on a new line until it hears an answer: lend all, renew all, take all back."""
    machine = Foreign(door, card, checked=checked)
    done = {"checkout": 0, "renew": 0, "checkin": 0}

    def until_heard(verb: str, book: str) -> None:
        for _attempt in range(60):
            try:
                if machine._socket is None:
                    machine.connect()
                    machine.ask("login", account, PASSWORD)
                said = machine.ask(verb, book)
            except (OSError, UnboundLocalError):  # the client itself trips over an answer that never came
                machine.disconnect()
                continue
            if said["fixed"]["Ok"] not in {"0", "1"}:
                machine.disconnect()
                continue
            done[verb] += said["fixed"]["Ok"] == "1"
            return
        raise AssertionError("never heard")

    for verb in done:
        for book in books:
            until_heard(verb, book)
    machine.disconnect()
    return done


async def test_answers_that_are_lost_never_make_a_second_loan(desk: Desk) -> None:
    for n in range(4):
        await terminal(desk, f"kiosk{n}")
    cards = [await desk.patron(Category.graduate) for _ in range(4)]
    books = {card: [await desk.item() for _ in range(6)] for card in cards}
    async with listening(desk) as server, Cutting(server.port, seed=7) as wire:
        done = await asyncio.gather(*(
            asyncio.to_thread(stubborn, wire.door, f"kiosk{n}", card, books[card], n % 2 == 0) for n, card in enumerate(cards)
        ))
        assert done == [{"checkout": 6, "renew": 6, "checkin": 6}] * 4
        assert wire.cut > 20
    loans = await desk.rows("SELECT count(*), count(DISTINCT item_id), min(renewals), max(renewals), count(returned_at) FROM loan")
    assert tuple(loans[0]) == (24, 24, 1, 1, 24)
    lent = await desk.rows("SELECT count(*) FROM outbox WHERE subject LIKE '%reader.item.lent%'")
    assert lent[0][0] == 24


async def test_the_same_message_on_two_lines_at_once_is_one_loan(desk: Desk) -> None:
    await terminal(desk)
    card, book = await desk.patron(), await desk.item()
    async with listening(desk) as server:
        machines = await asyncio.gather(*(Machine(server.port).connect() for _ in range(6)))
        answers = await asyncio.gather(*(machine.checkout(card, book) for machine in machines))
        assert {(one.fixed["ok"], one.fixed["renewal"], one["AH"]) for one in answers} == {("1", "N", answers[0]["AH"])}
    assert (await desk.rows("SELECT count(*), sum(renewals) FROM loan"))[0] == (1, 0)


async def test_three_hundred_machines_at_once(desk: Desk) -> None:
    await terminal(desk)
    card, book = await desk.patron(), await desk.item()
    async with listening(desk) as server:
        machines = await asyncio.gather(*(Machine(server.port).connect() for _ in range(300)))
        assert all(machine.signed_in for machine in machines)
        told = await asyncio.gather(*(machine.about(card) for machine in machines))
        assert {one["BL"] for one in told} == {"Y"}
        assert len(server.talks) == 300
        lent = await asyncio.gather(*(machine.checkout(card, book) for machine in machines[:50]))
        assert {one.fixed["ok"] for one in lent} == {"1"}
        # Several requests in one breath are answered one by one, in order.
        machines[0].writer.write(b"".join(f"17{DATE}AO|AB{code}|\r".encode() for code in ("X1", book, "X2")))
        heard = [(await machines[0].reader.readuntil(b"\r")).decode() for _ in range(3)]
        assert ["X1|" in heard[0], f"AB{book}|" in heard[1], "X2|" in heard[2]] == [True] * 3
    assert (await desk.rows("SELECT count(*) FROM loan"))[0][0] == 1


async def test_garbage_hurts_nobody_else(desk: Desk) -> None:
    await terminal(desk)
    card, dice = await desk.patron(), random.Random(11)
    async with listening(desk) as server:
        good = await Machine(server.port).connect()
        for _ in range(25):
            bad = await Machine(server.port).connect("kiosk" if dice.random() < 0.5 else "")
            bad.writer.write(dice.randbytes(dice.randint(1, 400)) + b"\r")
            assert await bad.reader.read(100) is not None
            bad.leave()
        long = await Machine(server.port).connect()
        long.writer.write(b"11" + b"x" * (3 * LONGEST))
        assert (await long.reader.read()).startswith(b"96")
        tiresome = await Machine(server.port).connect()
        tiresome.writer.write(b"nonsense\r" * (MOST_NONSENSE + 5))
        assert (await tiresome.reader.read()).count(b"96") == MOST_NONSENSE
        for code in ("11YN", "09N", "29NN", "65", "15+", "37", "01N", "17", "19", "23019", "63019", "25", "35"):
            for tail in ("", DATE * 3, f"{DATE}{DATE}AA|AB|", f"{DATE}{DATE}AA\x00\x01|AB\ufffd|BVx|BPx|BQ-1|"):
                assert (await good.say(code + tail)).code.isdecimal()
                good_again = (await good.about(card))["BL"]
                assert good_again == "Y"


async def test_whoever_does_not_sign_in_or_dribbles_is_let_go(desk: Desk) -> None:
    await terminal(desk)
    async with listening(desk, sign_in=0.2) as server:
        silent = await Machine(server.port).connect("")
        assert await silent.reader.read() == b""
    async with listening(desk, line=0.2) as server:
        slow = await Machine(server.port).connect()
        slow.writer.write(b"11YN")
        assert await slow.reader.read() == b""
    async with listening(desk, idle=0.2) as server:
        idle = await Machine(server.port).connect()
        assert await idle.reader.read() == b""
    async with listening(desk, connections=1) as server:
        first = await Machine(server.port).connect()
        crowd = await Machine(server.port).connect("")
        assert await crowd.reader.read() == b""
        assert (await first.about("x"))["BL"] == "N"


def test_the_port_is_chosen_by_the_environment() -> None:
    assert [chosen_port(said) for said in (None, "", "0", " 6002 ")] == [6001, 0, 0, 6002]
