"""Scans made without a network: signed, replayed as of their times, conflicts decided by people.

covers: RDR-DSK-BAS-02, RDR-LED-FRD-03, RDR-CIR-OTH-05
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.reader.app import service
from services.reader.desk.offline import commands as offline
from services.reader.desk.offline import proof, rules
from services.reader.desk.offline.model import Decision, Result
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category
from shared.database import uuid7
from shared.refusals import Invalid, NotAllowed
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Browser:
    """A browser with its key, doing what offline.js does."""

    desk: Any
    id: UUID = field(default_factory=uuid7)
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    seq: int = 0
    last: str = ""
    kept: list[proof.Sent] = field(default_factory=list)

    @property
    def jwk(self) -> dict[str, str]:
        n = self.key.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": _text(n.x.to_bytes(32, "big")), "y": _text(n.y.to_bytes(32, "big")), "ext": "true"}

    def scan(self, mode: str, code: str, card: str = "", *, minutes: int = 0) -> None:
        at = (self.desk.now + timedelta(minutes=minutes)).isoformat()
        made = proof.Sent(self.seq + 1, at, "R0001", mode, card, code, self.last)
        self.seq, self.last = made.seq, made.hash()
        self.kept.append(made)

    def sign(self, batch: UUID, scans: list[proof.Sent]) -> str:
        der = self.key.sign(proof.batch_text(self.id, batch, scans).encode(), ec.ECDSA(SHA256()))
        r, s = decode_dss_signature(der)
        return _text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def letter(self) -> dict[str, Any]:
        batch, scans = uuid7(), self.kept
        self.kept = []
        return {"device_id": self.id, "batch_id": batch, "scans": scans, "signature": self.sign(batch, scans)}

    async def send(self, actor=CLERK, letter: dict[str, Any] | None = None) -> list[Any]:
        _batch, kept = await self.desk.do(offline.receive, actor, **(letter or self.letter()))
        return sorted(kept, key=lambda one: one.seq)


@pytest.fixture
async def browser(desk) -> Browser:
    found = Browser(desk)
    await desk.do(offline.register, device_id=found.id, name="总台一号机", key=found.jwk)
    await desk.do(offline.decide_device, HEAD, device_id=found.id, action="approve")
    return found


async def test_loans_returns_and_renewals_count_from_the_moment_of_the_scan(desk, browser) -> None:
    card, book, back = await desk.patron(), await desk.item(), await desk.item()
    lent = await desk.lend(card, back)
    desk.now += lent.loan.due_on - desk.today + timedelta(days=1)  # a day late at the time of the scan
    browser.scan("return", back, minutes=1)
    browser.scan("lend", book, card, minutes=2)
    browser.scan("renew", book, minutes=3)
    desk.days_later(5)  # the network was away for five days: nobody pays for that
    results = await browser.send()
    assert [one.result for one in results] == [Result.done] * 3
    assert (await desk.find_patron(card)).debt_fen == 10
    row = (await desk.rows("SELECT lent_at, renewals FROM loan WHERE barcode = :b", b=book))[0]
    assert (row[0], row[1]) == (rules.moment(results[1].at, desk.now), 1)


async def test_what_happened_is_recorded_against_the_rules_and_says_which(desk, browser) -> None:
    full, lost = await desk.patron(Category.visitor), await desk.patron()
    for _n in range(2):
        await desk.lend(full, await desk.item())
    await desk.do(patrons.change_card, card=lost, action="report_loss", reason="丢失")
    one, two = await desk.item(), await desk.item(use="reference")
    browser.scan("lend", one, full, minutes=1)
    browser.scan("lend", two, lost, minutes=2)
    desk.days_later(1)
    results = await browser.send()
    assert [r.result for r in results] == [Result.against_rule] * 2
    assert [[x["code"] for x in r.reasons] for r in results] == [["loan-limit"], ["item-reference", "card-loss-blocked"]]
    kept = await desk.rows("SELECT override FROM loan WHERE barcode = :b", b=one)
    assert kept[0][0] == [{"code": "loan-limit", "by": "R0001", "note": "offline"}]


async def test_what_cannot_both_be_true_waits_for_a_person(desk, browser) -> None:
    mine, other = await desk.patron(), await desk.patron()
    later, former, twice, seen = [await desk.item() for _ in range(4)]
    await desk.lend(other, former)
    await desk.lend(mine, twice)
    browser.scan("lend", later, mine, minutes=1)
    browser.scan("lend", former, mine, minutes=2)
    browser.scan("lend", twice, mine, minutes=3)
    browser.scan("lend", "NIX", mine, minutes=4)
    browser.scan("lend", seen, "nobody", minutes=5)
    browser.scan("return", later, minutes=6)
    browser.scan("renew", seen, minutes=7)
    browser.scan("lend", seen, mine, minutes=8)
    desk.now += timedelta(hours=1)
    await desk.lend(other, later)  # meanwhile, at the other desk
    await desk.take_back(seen)
    results = await browser.send()
    assert [(r.result, r.reasons[0]["code"]) for r in results] == [
        (Result.conflict, "lent-meanwhile"), (Result.conflict, "still-with-another"),
        (Result.already, "already-with-this-patron"), (Result.refused, "unknown-barcode"),
        (Result.refused, "unknown-card"), (Result.conflict, "lent-since-return"),
        (Result.refused, "item-not-on-loan"), (Result.conflict, "seen-since"),
    ]
    assert (await desk.rows("SELECT card FROM loan WHERE barcode = :b AND returned_at IS NULL", b=later))[0][0] == other
    told = (await desk.said("reader.offline.replayed"))[0][1]
    assert (told["done"], told["open"]) == (1, 7)


async def test_a_return_that_was_made_twice_is_simply_made(desk, browser) -> None:
    card, book = await desk.patron(), await desk.item()
    await desk.lend(card, book)
    browser.scan("return", book, minutes=1)
    browser.scan("return", book, minutes=2)
    desk.now += timedelta(hours=1)
    await desk.take_back(book)
    assert [r.result for r in await browser.send()] == [Result.already, Result.already]


async def test_the_same_batch_twice_and_at_once_changes_nothing(desk, browser) -> None:
    card, books = await desk.patron(), [await desk.item() for _ in range(3)]
    for n, book in enumerate(books):
        browser.scan("lend", book, card, minutes=n)
    desk.now += timedelta(hours=1)
    letter = browser.letter()
    answers = await asyncio.gather(*(browser.send(who, letter) for who in (CLERK, COLLEAGUE, CLERK)))
    assert len({tuple(one.id for one in kept) for kept in answers}) == 1
    await browser.send(letter=letter)
    assert (await desk.find_patron(card)).open_loans == 3
    assert len(await desk.said("reader.item.lent", "reader.offline.replayed")) == 4


async def test_forged_changed_incomplete_and_unvouched_batches_are_refused_whole(desk, browser) -> None:
    card, book = await desk.patron(), await desk.item()
    browser.scan("lend", book, card)
    browser.scan("return", book, minutes=1)
    letter = browser.letter()
    forged = [letter["scans"][0], replace(letter["scans"][1], code="A999999")]
    with pytest.raises(rules.BadSignature):
        await browser.send(letter={**letter, "scans": forged})
    with pytest.raises(rules.BadSignature):
        await browser.send(letter={**letter, "signature": "AAAA"})
    signed_gap = {**letter, "scans": letter["scans"][1:]}
    signed_gap["signature"] = browser.sign(letter["batch_id"], signed_gap["scans"])
    with pytest.raises(rules.BrokenChain):
        await browser.send(letter=signed_gap)
    # A scan in the middle that was changed and signed anew by the device does not fit its successor.
    middle = [replace(letter["scans"][0], card="OTHER"), letter["scans"][1]]
    with pytest.raises(rules.BrokenChain):
        await browser.send(letter={**letter, "scans": middle, "signature": browser.sign(letter["batch_id"], middle)})
    await desk.do(offline.decide_device, HEAD, device_id=browser.id, action="stop")
    with pytest.raises(rules.DeviceNotActive):
        await browser.send(letter=letter)
    with pytest.raises(rules.UnknownDevice):
        await browser.send(letter={**letter, "device_id": uuid7()})
    with pytest.raises(NotAllowed):
        await browser.send(OUTSIDER, letter)
    assert (await desk.find_patron(card)).open_loans == 0
    assert not await desk.rows("SELECT 1 FROM offline_batch")


async def test_only_a_head_vouches_and_keys_are_of_the_kind_we_verify(desk) -> None:
    fresh = Browser(desk)
    with pytest.raises(rules.BadKey):
        await desk.do(offline.register, device_id=fresh.id, name="x", key={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})
    with pytest.raises(Invalid):
        await desk.do(offline.register, device_id=fresh.id, name=" ", key=fresh.jwk)
    await desk.do(offline.register, device_id=fresh.id, name="二号机", key=fresh.jwk)
    with pytest.raises(rules.BadKey):  # nobody puts another key in its place
        await desk.do(offline.register, device_id=fresh.id, name="二号机", key=Browser(desk).jwk)
    with pytest.raises(NotAllowed):
        await desk.do(offline.decide_device, device_id=fresh.id, action="approve")
    await desk.do(offline.decide_device, HEAD, device_id=fresh.id, action="stop")
    with pytest.raises(NotFromHere):
        await desk.do(offline.decide_device, HEAD, device_id=fresh.id, action="approve")


async def test_a_person_settles_and_the_batch_is_closed(desk, browser) -> None:
    mine, other, book = await desk.patron(), await desk.patron(), await desk.item()
    await desk.lend(other, book)
    browser.scan("lend", book, mine, minutes=5)
    browser.scan("lend", "NIX", mine, minutes=6)
    desk.now += timedelta(hours=1)
    forgotten, unknown = await browser.send()
    with pytest.raises(Invalid):
        await desk.do(offline.settle, scan_id=unknown.id, decision=Decision.dismissed, note=" ")
    with pytest.raises(Invalid):
        await desk.do(offline.settle, scan_id=unknown.id, decision=Decision.taken_over)
    taken = await desk.do(offline.settle, scan_id=forgotten.id, decision=Decision.taken_over)
    assert taken.loan_id is not None
    assert [tuple(r) for r in await desk.rows("SELECT card, returned_at IS NULL FROM loan ORDER BY lent_at")] == [(other, False), (mine, True)]
    assert not await desk.said("reader.offline.settled")
    await desk.do(offline.settle, COLLEAGUE, scan_id=unknown.id, decision=Decision.dismissed, note="误扫校园卡")
    assert len(await desk.said("reader.offline.settled")) == 1
    with pytest.raises(rules.AlreadyDecided):
        await desk.do(offline.settle, scan_id=unknown.id, decision=Decision.dismissed, note="再核")


def test_a_clock_that_is_wrong_lends_neither_tomorrow_nor_last_year() -> None:
    from tests.reader.desk.conftest import NOON

    assert rules.moment(NOON + timedelta(days=3), NOON) == NOON
    assert rules.moment(NOON - timedelta(days=300), NOON) == NOON - rules.OLDEST


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC) - timedelta(hours=1)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_doors_and_screens_of_the_offline_desk(app, desk) -> None:
    card, book, device = await desk.patron(), await desk.item(), Browser(desk)
    async with client(app, CLERK) as api, client(app, HEAD) as head, client(app, OUTSIDER) as outside:
        assert (await outside.get("/reader/offline")).status_code == 403
        page = (await api.get("/reader/offline")).text
        assert 'data-card-shapes="99999999"' in page
        asked = await api.post("/api/reader/offline/devices", json={"id": str(device.id), "name": "一号机", "key": device.jwk})
        assert (asked.status_code, asked.json()["state"]) == (201, "asked")
        device.scan("lend", book, card)
        device.scan("lend", "NIX", card, minutes=1)
        letter = device.letter()
        body = {
            "device": str(device.id), "batch": str(letter["batch_id"]), "signature": letter["signature"],
            "entries": [{k: getattr(one, k) for k in ("seq", "at", "by", "mode", "card", "code", "prev")} for one in letter["scans"]],
        }
        assert (await api.post("/api/reader/offline/batches", json=body)).json()["code"] == "device-not-active"
        assert (await api.post(f"/reader/offline/devices/{device.id}/approve")).status_code == 403
        assert "批准" in (await head.get("/reader/offline/devices")).text
        assert (await head.post(f"/reader/offline/devices/{device.id}/approve")).status_code == 303
        first = (await api.post("/api/reader/offline/batches", json=body)).json()
        again = (await api.post("/api/reader/offline/batches", json=body)).json()
        assert first == again
        assert (first["counts"]["done"], first["open"]) == (1, 1)
        naive = {**body, "entries": [{**body["entries"][0], "at": "2026-01-01T10:00:00"}]}
        assert (await api.post("/api/reader/offline/batches", json=naive)).status_code == 422
        report = (await api.get(first["url"])).text
        assert report.index("NIX") < report.index(book), "what waits for a person stands first"
        scan = (await desk.rows("SELECT id FROM offline_scan WHERE code = 'NIX'"))[0][0]
        done = await api.post(f"/reader/offline/scans/{scan}", data={"decision": "dismissed", "note": "误扫", "number": first["number"]})
        assert done.headers["location"] == first["url"]
        assert first["number"] in (await api.get("/reader/offline/batches")).text
        assert (await api.get(f"/api/reader/offline/batches/{first['number']}")).json()["open"] == 0
