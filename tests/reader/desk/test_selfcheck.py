"""Self-check machines at a real desk. covers: RDR-DSK-BAS-02, RDR-LED-FRD-03, RDR-CIR-OTH-05"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.selfcheck import commands
from services.reader.desk.selfcheck.codec import checksum
from services.reader.desk.selfcheck.model import Charset, Detection
from tests.reader.desk.conftest import COLLEAGUE, HEAD, Desk
from tests.reader.desk.sip2 import Machine, listening, terminal, walk


async def owing(desk: Desk, card: str, fen: int = 300) -> None:
    await desk.do(charges.charge, HEAD, card=card, kind=Kind.damage, amount_fen=fen, title="旧账")


@pytest.mark.parametrize(("charset", "checked"), [("utf-8", True), ("utf-8", False), ("gbk", True), ("gbk", False)])
async def test_a_client_of_another_maker_walks_through_a_visit(desk, charset, checked) -> None:
    await terminal(desk, charset=Charset(charset))
    card, book, waited, other = await desk.patron(), await desk.item(title="平凡的世界"), await desk.item(), await desk.patron()
    await desk.lend(other, waited)
    await owing(desk, card)
    async with listening(desk) as server:
        said = await asyncio.to_thread(walk, server.port, card, book, waited, charset=charset, checked=checked)
    fixed = {name: answer["fixed"] for name, answer in said.items()}
    assert fixed["login"]["Ok"] == "1"
    assert fixed["status"]["OnlineStatus"] == "Y"
    assert said["patron"]["variable"]["AE"] == ["张雨桐"]
    assert (fixed["out"]["Ok"], fixed["out"]["RenewalOk"], fixed["out"]["Desensitize"]) == ("1", "N", "Y")
    assert said["out"]["variable"]["AJ"] == ["平凡的世界"]
    assert said["again"]["variable"]["AH"] == said["out"]["variable"]["AH"]
    assert said["charged"]["variable"]["AU"] == [book]
    assert (fixed["renewed"]["Ok"], fixed["renewed"]["RenewalOk"]) == ("1", "Y")
    assert said["renewed"]["variable"]["AH"] > said["out"]["variable"]["AH"]
    assert fixed["hold"]["Ok"] == fixed["back"]["Ok"] == "1"
    assert "旧账" in said["fines"]["variable"]["AV"][0]
    assert fixed["paid"]["PaymentAccepted"] == "Y"
    assert (await desk.find_patron(card)).debt_fen == 0
    assert await desk.rows("SELECT 1 FROM loan WHERE returned_at IS NULL AND barcode = :b", b=book) == []
    assert {row[0] for row in await desk.rows("SELECT DISTINCT lent_by FROM loan WHERE barcode = :b", b=book)} == {"terminal:kiosk"}


async def test_nothing_is_served_before_a_good_sign_in(desk) -> None:
    made = await terminal(desk)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect("")
        assert (await machine.about("x")).code == "96"
        assert (await machine.say("9900802.00")).fixed["checkout"] == "N"
        for wrong in ("9300CNkiosk|COwrong|", "9300CNnobody|COwrong|", "9300|", "9310CNkiosk|COkiosk-test-password|"):
            assert (await machine.say(wrong)).fixed["ok"] == "0"
        assert (await machine.say("9300COkiosk-test-password|CNkiosk|")).fixed["ok"] == "1"
        assert (await machine.say("9900802.00")).fixed["checkout"] == "Y"
        await desk.do(commands.change, HEAD, terminal_id=made.id, active=False)
        await server.look()
        assert await machine.reader.read() == b""
        assert not (await Machine(server.port).connect()).signed_in


async def test_all_reasons_of_a_refusal_come_in_one_line(desk) -> None:
    await terminal(desk)
    card, book = await desk.patron(oriented=False), await desk.item()
    await owing(desk, card, 2000)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        no = await machine.checkout(card, book)
        assert (no.fixed["ok"], no["AH"], no.fixed["magnetic"], no["AJ"]) == ("0", "", "N", "活着")
        assert "入馆教育未通过" in no["AF"]
        assert "欠费 20.00 元" in no["AF"]
        strange = await machine.checkout(card, "NOTHING")
        assert (strange.fixed["ok"], strange.fixed["magnetic"], strange["AJ"]) == ("0", "U", "")
        back = await machine.checkin("NOTHING")
        assert (back.fixed["ok"], back.fixed["magnetic"], back["AQ"]) == ("0", "U", "")
        nobody = await machine.about("NOBODY")
        assert (nobody["BL"], nobody["AE"], nobody.fixed["patron_status"][:4]) == ("N", "", "YYYY")
        someone = await machine.about(card, more="ADsecret|")
        assert (someone["BL"], someone["CQ"], someone.fixed["patron_status"][0], someone.fixed["patron_status"][10]) == ("Y", "N", "Y", "Y")
        assert "CQ" not in (await machine.about(card)).fields


async def test_counts_are_right_and_lists_come_in_the_window_asked_for(desk) -> None:
    await terminal(desk)
    card, books = await desk.patron(), [await desk.item() for _ in range(4)]
    for book in books[:3]:
        await desk.lend(card, book)
    await desk.lend(await desk.patron(), books[3])
    await desk.do(holds.place, card=card, instance_id=f"i-{books[3]}")
    await owing(desk, card)
    desk.days_later(40)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        counts = ("holds", "overdue", "charged", "fines", "recalls", "unavailable")
        for summary in ("", "Y", " Y", "  Y", "   Y", "    Y", "     Y"):
            told = await machine.about(card, summary)
            assert [told.fixed[name] for name in counts] == ["0000", "0003", "0003", "0001", "0000", "0001"]
        raw = (await machine.raw(f"6301920261123    120000  Y       AO|AA{card}|BP2|BQ3|".encode())).decode()
        assert [part for part in raw.split("|") if part.startswith("AU")] == [f"AU{books[1]}", f"AU{books[2]}"]
        assert (await machine.about(card, "     Y"))["CD"] == "活着"
        assert told.fixed["patron_status"][6] == "Y"
    assert (await desk.rows("SELECT count(*) FROM audit WHERE action = 'read' AND actor = 'terminal:kiosk'"))[0][0] > 0


async def test_a_return_says_where_the_item_goes(desk) -> None:
    await terminal(desk)
    card, book, other = await desk.patron(), await desk.item(), await desk.patron()
    await desk.lend(card, book)
    await desk.do(holds.place, card=other, instance_id=f"i-{book}")
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        kept = await machine.checkin(book)
        assert (kept.fixed["ok"], kept.fixed["alert"], kept["CV"], kept.fixed["resensitize"]) == ("1", "Y", "01", "Y")
        assert (kept["AQ"], bool(kept["CL"])) == ("二层文学库", True)
        assert (await machine.checkin(book))["CV"] == "01"  # the same answer when it was lost
        plain = await desk.item()
        assert (await machine.checkin(plain)).fixed["alert"] == "N"
        broken = await desk.item()
        await desk.lend(card, broken)
        await desk.take_back(broken, damage=(DamageKind.spine, Grade.medium))
        assert (await machine.checkin(broken))["CV"] == "99"


async def test_the_patrons_own_loan_is_renewed_once_the_answer_cannot_have_been_lost(desk) -> None:
    await terminal(desk)
    card, book = await desk.patron(), await desk.item()
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        first = await machine.checkout(card, book)
        assert (await machine.checkout(card, book))["AH"] == first["AH"]
        desk.days_later(10)
        assert (await machine.checkout(card, book, renewal="N")).fixed["ok"] == "0"
        renewed = await machine.checkout(card, book)
        assert (renewed.fixed["renewal"], renewed["AH"] > first["AH"], renewed.fixed["desensitize"]) == ("Y", True, "N")
        assert (await machine.checkout(card, book))["AH"] == renewed["AH"]
    assert [tuple(row) for row in await desk.rows("SELECT renewals FROM loan")] == [(1,)]


async def test_what_happened_off_line_is_written_down_as_it_was(desk) -> None:
    await terminal(desk)
    card, other, book = await desk.patron(oriented=False), await desk.patron(), await desk.item()
    await desk.lend(other, book)
    desk.days_later(2)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        told = {"no_block": "Y", "date": "20261124    093000", "due": "20261201    235959"}
        lent = await machine.checkout(card, book, **told)
        assert (lent.fixed["ok"], lent["AH"]) == ("1", "2026-12-01")
        assert (await machine.checkin(book, no_block="Y", date="20261124    083000")).fixed["ok"] == "1"  # older than the loan
        assert (await desk.find_patron(card)).open_loans == 1
        assert (await machine.checkin(book, no_block="Y", date="20261124    180000")).fixed["ok"] == "1"
        again = await machine.checkout(card, book, **told)
        assert (again.fixed["ok"], (await desk.find_patron(card)).open_loans) == ("1", 0)
    rows = await desk.rows("SELECT override->0->>'code', lent_at FROM loan WHERE card = :c", c=card)
    assert [(code, at.isoformat()) for code, at in rows] == [("orientation-missing", "2026-11-24T01:30:00+00:00")]


async def test_holds_fees_blocks_and_renewing_all(desk) -> None:
    await terminal(desk)
    card, mine, waited = await desk.patron(), [await desk.item() for _ in range(2)], await desk.item()
    for book in mine:
        await desk.lend(card, book)
    await desk.lend(other := await desk.patron(), waited)
    await desk.do(holds.place, COLLEAGUE, card=other, instance_id=f"i-{mine[0]}")
    await owing(desk, card)
    await owing(desk, card, 120)
    date = "20261123    120000"
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        every = await machine.say(f"65{date}AO|AA{card}|")
        assert (every.fixed["renewed"], every["BM"], every.fixed["unrenewed"], every["BN"]) == ("0001", mine[1], "0001", mine[0])
        assert (await machine.say(f"65{date}AO|AA{card}|")).fixed == every.fixed
        placed = await machine.say(f"15+{date}AO|AA{card}|AB{waited}|")
        assert (placed.fixed["ok"], placed["BR"]) == ("1", "1")
        assert (await machine.say(f"15+{date}AO|AA{card}|AB{waited}|")).fixed["ok"] == "1"
        assert (await machine.say(f"15-{date}AO|AA{card}|AB{waited}|")).fixed["ok"] == "1"
        assert (await machine.say(f"15*{date}AO|AA{card}|AB{waited}|")).fixed["ok"] == "0"
        pay = f"37{date}0400CNYBV{{}}|AO|AA{card}|BKT{{}}|"
        odd = await machine.say(pay.format("1.00", 1))
        assert (odd.fixed["ok"], "4.20" in odd["AF"]) == ("N", True)
        assert (await machine.say(pay.format("3.00", 2))).fixed["ok"] == "Y"
        assert (await machine.say(pay.format("3.00", 2))).fixed["ok"] == "Y"  # told twice, taken once
        assert (await machine.say(pay.format("1.20", 3))).fixed["ok"] == "Y"
        assert (await machine.say(f"01N{date}AO|AL举止异常|AA{card}|AC|")).fixed["patron_status"][0] == "Y"
        assert (await machine.say(f"25{date}AO|AA{card}|")).fixed["patron_status"][0] == " "
        assert (await machine.say(f"35{date}AO|AA{card}|")).fixed["ended"] == "Y"
        assert (await machine.say(f"17{date}AO|AB{waited}|")).fixed["circulation"] == "04"
        assert (await machine.say(f"17{date}AO|ABNOTHING|")).fixed["circulation"] == "01"
        assert (await machine.say(f"19{date}AO|AB{waited}|CH湿|")).fixed["ok"] == "1"
    rows = await desk.rows("SELECT count(*), count(DISTINCT receipt) FROM ledger WHERE posting = 'payment'")
    assert tuple(rows[0]) == (2, 2)
    assert (await desk.find_patron(card)).debt_fen == 0


async def test_a_switch_that_is_off_refuses_and_says_so(desk) -> None:
    await terminal(desk, rights=["take_back"])
    card, book = await desk.patron(), await desk.item()
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        status = await machine.say("9900802.00")
        assert (status.fixed["checkout"], status.fixed["checkin"], status["BX"][:4]) == ("N", "Y", "YNYN")
        assert "此终端未开通：借书" in (await machine.checkout(card, book))["AF"]
        about = await machine.about(card)
        assert (about["AE"], about["BL"]) == ("", "N")
        for line in (f"29NN20261123    120000{' ' * 18}AO|AA{card}|AB{book}|", f"37{'20261123    120000'}0400CNYBV1|AO|AA{card}|"):
            assert "此终端未开通" in (await machine.say(line))["AF"]


async def test_another_institution_is_refused(desk) -> None:
    await terminal(desk, language="en")
    card, book = await desk.patron(), await desk.item()
    await desk.do(commands.save_house, HEAD, institution="YSU", name="云山", magnetic=["book"])
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        no = await machine.say(f"11YN20261123    120000{' ' * 18}AOELSEWHERE|AA{card}|AB{book}|")
        assert (no.fixed["ok"], no["AO"]) == ("0", "YSU")
        assert "institution" in no["AF"]
        yes = await machine.say(f"11YN20261123    120000{' ' * 18}AOYSU|AA{card}|AB{book}|")
        assert (yes.fixed["ok"], yes.fixed["magnetic"]) == ("1", "Y")


async def test_error_detection_and_resending(desk) -> None:
    await terminal(desk, detection=Detection.auto, crlf=True)
    card, book = await desk.patron(), await desk.item()

    def signed(text: str, digit: int) -> bytes:
        line = f"{text}AY{digit}AZ".encode()
        return line + checksum(line).encode()

    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        out = signed(f"11YN20261123    120000{' ' * 18}AO|AA{card}|AB{book}|", 3)
        first = await machine.raw(out)
        assert b"AY3AZ" in first
        assert await machine.raw(out) == first
        assert await machine.raw(b"97") == first
        broken = await machine.raw(out[:-1] + (b"0" if out[-1:] != b"0" else b"1"))
        assert broken == b"\n96AZ" + checksum(b"96AZ").encode()
        assert await machine.raw(b"97") == first
    assert (await desk.rows("SELECT count(*), sum(renewals) FROM loan"))[0] == (1, 0)


async def test_the_screen_is_told_who_is_connected(desk) -> None:
    made = await terminal(desk)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        await machine.about("x")
        await server.write_down()
        use = "SELECT connections, messages FROM terminal_use WHERE terminal_id = :id"
        assert tuple((await desk.rows(use, id=made.id))[0]) == (1, 2)
        desk.now += timedelta(seconds=10)
        await server.write_down()
        assert tuple((await desk.rows(use, id=made.id))[0]) == (1, 2)
    assert tuple((await desk.rows(use, id=made.id))[0]) == (0, 2)
