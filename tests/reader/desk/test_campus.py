"""Files of the card centre: looked at, taken up once, refused with a sentence. covers: RDR-LED-FRD-03, RDR-DSK-BAS-04"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from openpyxl import Workbook, load_workbook

from services.reader.app import service
from services.reader.desk.campus import commands, reading, rules, runner, taking
from services.reader.desk.campus.rules import TooManyLeave
from services.reader.desk.cards import commands as cards
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState, Category, Document, Patron, Source
from shared.refusals import NotAllowed
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, HEAD
from tests.support.departments import client, opened

HEADS = "学工号,姓名,人员类别,学院,有效期,物理卡号,状态"


def sheet(*lines: str) -> bytes:
    return "\n".join((HEADS, *lines)).encode()


async def look(desk, data: bytes, **more):
    return await desk.do(commands.look, HEAD, source=io.BytesIO(data), name="card.csv", **more)


async def run(desk, file, size: int = 500) -> None:
    await desk.do(commands.apply, HEAD, number=file.number)
    while await runner.once(desk.works, size=size):
        pass


async def fates(desk, file) -> list[tuple[str, str]]:
    return [tuple(r) for r in await desk.rows(
        "SELECT card, fate FROM card_row WHERE file_id = :f ORDER BY id", f=file.id
    )]


async def test_a_file_is_looked_at_before_anybody_is_touched(desk) -> None:
    known = await desk.patron(source=Source.campus)
    file = await look(desk, sheet(
        "20260001,李思远,本科生,计算机学院,2030-06-30,04AA01,", f"{known},张雨桐,硕士,,,,", "20260003,,本科生,,,,",
        "20260004,王芳,外星人,,,,", "20260001,李思远,本科生,,,,", "2026 0005,孙浩,教工,,20301231,,离职",
    ))
    assert file.counts == {"insert": 1, "change": 1, "refused": 3, "same": 1}
    notes = await desk.rows("SELECT line, note FROM card_row WHERE fate = 'refused' ORDER BY line")
    assert [(line, bool(note)) for line, note in notes] == [(4, True), (5, True), (6, True)]
    assert (await desk.rows("SELECT count(*) FROM patron"))[0][0] == 1
    await run(desk, file)
    new = await desk.find_patron("20260001")
    assert (new.category, new.source, new.chip, new.oriented, new.college) == (
        Category.undergraduate, Source.campus, "04AA01", False, "计算机学院"
    )
    assert (await desk.find_patron(known)).category is Category.graduate
    assert [n for n, _p, _c in await desk.said("reader.card-file.applied")] == ["reader.card-file.applied"]
    trail = await desk.rows("SELECT actor, origin FROM audit WHERE subject = 'patron' AND origin = 'card-file'")
    assert {tuple(r) for r in trail} == {(HEAD.id, "card-file")}


async def test_the_same_file_again_changes_nothing(desk) -> None:
    data = sheet("20260001,李思远,本科生,计算机学院,2030-06-30,04AA01,", "20260002,周明,教师,,,,")
    await run(desk, await look(desk, data))
    before = await desk.rows("SELECT count(*) FROM audit WHERE subject = 'patron'")
    again = await look(desk, data)
    assert again.counts == {"same": 2}
    await run(desk, again)
    assert await desk.rows("SELECT count(*) FROM audit WHERE subject = 'patron'") == before
    assert len(await desk.said("reader.patron.registered")) == 2


async def test_two_files_at_once_make_one_patron_of_one_person(desk) -> None:
    data = sheet(*(f"2026{n:04d},李思远,本科生,,,," for n in range(40)))
    one, two = await look(desk, data), await look(desk, data)
    for file in (one, two):
        await desk.do(commands.apply, HEAD, number=file.number)

    async def work() -> None:
        while await runner.once(desk.works, size=7):
            pass

    await asyncio.gather(work(), work())
    while await runner.once(desk.works, size=7):
        pass
    assert (await desk.rows("SELECT count(*) FROM patron"))[0][0] == 40
    assert (await desk.rows("SELECT count(*) FROM card_file WHERE state = 'done'"))[0][0] == 2
    assert len(await desk.said("reader.patron.registered")) == 40


async def test_a_job_that_broke_off_goes_on_behind_the_last_batch(desk, monkeypatch) -> None:
    file = await look(desk, sheet(*(f"2026{n:04d},李思远,本科生,,,," for n in range(9))))
    await desk.do(commands.apply, HEAD, number=file.number)
    assert await runner.once(desk.works, size=4)
    broken = taking._do
    taken = 0

    async def dies(*args) -> None:
        nonlocal taken
        taken += 1
        if taken == 3:
            raise asyncio.CancelledError
        await broken(*args)

    monkeypatch.setattr(taking, "_do", dies)
    with pytest.raises(asyncio.CancelledError):
        await runner.once(desk.works, size=4)
    monkeypatch.setattr(taking, "_do", broken)
    assert (await desk.rows("SELECT count(*) FROM patron"))[0][0] == 4
    while await runner.once(desk.works, size=4):
        pass
    assert (await desk.rows("SELECT count(*) FROM patron"))[0][0] == 9
    assert {f for _c, f in await fates(desk, file)} == {"insert"}


async def test_leavers_begin_a_clearance_and_losses_block_and_nobody_is_deleted(desk) -> None:
    leaver, loser, owing = [await desk.patron(source=Source.campus) for _ in range(3)]
    await desk.lend(owing, await desk.item())
    file = await look(desk, sheet(
        f"{leaver},张雨桐,本科生,,,,毕业", f"{loser},张雨桐,本科生,,,,挂失", f"{owing},张雨桐,本科生,,,,离校",
    ))
    assert file.counts == {"leave": 2, "loss": 1}
    await run(desk, file)
    assert (await desk.find_patron(loser)).state is CardState.loss_blocked
    rows = await desk.rows("SELECT card, state FROM clearance ORDER BY card")
    assert [tuple(r) for r in rows] == [(leaver, "granted"), (owing, "waiting")]
    assert (await desk.rows("SELECT count(*) FROM patron"))[0][0] == 3


async def test_a_complete_list_lets_the_absent_go_unless_too_many_are(desk) -> None:
    campus = [await desk.patron(source=Source.campus) for _ in range(5)]
    own = await desk.patron()
    partial = await look(desk, sheet(*(f"{c},张雨桐,本科生,,,," for c in campus[:3])), full=True)
    assert partial.counts["leave"] == 2
    with pytest.raises(TooManyLeave):
        await desk.do(commands.apply, HEAD, number=partial.number)
    whole = await look(desk, sheet(*(f"{c},张雨桐,本科生,,,," for c in campus[:4])), full=True)
    await run(desk, whole)
    assert [r[0] for r in await desk.rows("SELECT card FROM clearance")] == [campus[4]]
    assert (await desk.find_patron(own)).state is CardState.active


async def test_replaced_cards_and_taken_chips_are_refused(desk) -> None:
    old, other = await desk.patron(chip="04BB"), await desk.patron()
    await desk.do(cards.reissue, card=old, new_card="N1", chip=None, document=Document.id_card, last4="1234")
    await desk.patron(chip="04CC")
    file = await look(desk, sheet(f"{old},张雨桐,本科生,,,,", f"{other},张雨桐,本科生,,,04CC,"))
    assert file.counts == {"refused": 2}
    # What was free at the look and taken before the job is refused by the job.
    late = await look(desk, sheet(f"{other},张雨桐,本科生,,,04DD,", "20269999,李思远,本科生,,,,"))
    await desk.patron(chip="04DD")
    await run(desk, late)
    assert await fates(desk, late) == [(other, "refused"), ("20269999", "insert")]


def test_files_come_in_utf8_gbk_and_as_workbooks_with_heads_in_either_language() -> None:
    text = "card_no;name;type;physical id\r\n20260001;李思远;graduate;04aa\r\n"
    for data in (text.encode("utf-8-sig"), text.encode("gbk")):
        row = next(reading.rows(io.BytesIO(data), "x.csv"))
        assert (row.card, row.data["name"], row.data["category"], row.data["chip"]) == ("20260001", "李思远", "graduate", "04AA")
    book = Workbook()
    book.active.append(["学工号", "姓名", "人员类别"])
    book.active.append([20260001.0, "李思远", "本科生"])
    buffer = io.BytesIO()
    book.save(buffer)
    assert next(reading.rows(buffer, "x.xlsx")).card == "20260001"


@pytest.mark.parametrize(("data", "refusal"), [
    (b"PK\x03\x04 no book", reading.BrokenFile), (b"\x89PNG\0\0\0", reading.BrokenFile), (b"\xff\xff\x81", reading.BrokenFile),
    (b"a,b\n1,2\n", reading.MissingHeads), (b"", reading.MissingHeads), (HEADS.encode(), reading.EmptyFile),
])
def test_broken_files_are_refused_with_a_sentence(data: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        list(reading.rows(io.BytesIO(data), "x"))


def test_a_file_without_end_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    with pytest.raises(reading.TooManyRows):
        list(reading.rows(io.BytesIO(sheet(*(f"{n},李,本科生,,,," for n in range(4)))), "x"))


async def test_only_a_head_imports_and_a_file_is_applied_once(desk) -> None:
    with pytest.raises(NotAllowed):
        await desk.do(commands.look, CLERK, source=io.BytesIO(sheet("1,李,本科生,,,,")), name="x")
    file = await look(desk, sheet("1,李,本科生,,,,"))
    await run(desk, file)
    with pytest.raises(NotFromHere):
        await desk.do(commands.apply, HEAD, number=file.number)


async def test_one_bad_row_costs_no_other_row_of_its_batch(desk) -> None:
    rival = await desk.patron(chip="04EE")
    # The same chip twice: the database refuses the batch, then only the second of the two.
    file = await look(desk, sheet(*(f"2026{n:04d},李思远,本科生,,,{'04AB' if n in (3, 5) else ''}," for n in range(8))))
    assert file.counts == {"insert": 8}
    await run(desk, file)
    assert [f for _c, f in await fates(desk, file)] == ["insert"] * 5 + ["refused"] + ["insert"] * 2
    assert len(await desk.said("reader.patron.registered")) == 8  # the rival and the seven
    assert (await desk.rows("SELECT counts FROM card_file"))[0][0] == {"insert": 7, "refused": 1}
    assert (await desk.find_patron(rival)).chip == "04EE"


async def test_a_batch_with_leavers_ends_early_so_that_no_desk_waits(desk, monkeypatch) -> None:
    monkeypatch.setattr(rules, "LEAVERS", 2)
    cards = [await desk.patron(source=Source.campus) for _ in range(5)]
    file = await look(desk, sheet(*(f"{card},张雨桐,本科生,,,,离校" for card in cards)))
    await desk.do(commands.apply, HEAD, number=file.number)
    taken = []
    while await runner.once(desk.works):
        taken.append((await desk.rows("SELECT count(*) FROM clearance"))[0][0])
    assert taken == [2, 4, 5, 5]  # the last one finds nothing more and closes the file


async def test_who_needs_no_change_is_not_even_locked(desk) -> None:
    card = await desk.patron(source=Source.campus)
    file = await look(desk, sheet(f"{card},张雨桐,本科生,,,,"))
    await desk.do(commands.apply, HEAD, number=file.number)
    async with desk.work() as held:
        await held.lock(Patron, Patron.card == card)
        await asyncio.wait_for(runner.once(desk.works), 4)
    assert await fates(desk, file) == [(card, "same")]


async def test_a_registration_at_the_desk_meanwhile_is_found_and_kept(desk) -> None:
    file = await look(desk, sheet("20260001,李思远,本科生,,,,", "20260002,周明,本科生,,,,"))
    await desk.do(patrons.register, card="20260001", name="李思远", category=Category.undergraduate)
    await run(desk, file)
    assert await fates(desk, file) == [("20260001", "change"), ("20260002", "insert")]
    assert (await desk.rows("SELECT count(*) FROM patron"))[0][0] == 2


def test_a_long_workbook_and_a_long_text_are_read_row_by_row() -> None:
    class Counting(io.BytesIO):
        most = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.most = max(self.most, size if size is not None and size >= 0 else 1 << 40)
            return super().read(size)

    source = Counting(sheet(*(f"2026{n:05d},李思远,本科生,,,," for n in range(20_000))))
    found = reading.rows(source, "x.csv")
    assert [next(found).card, next(found).card] == ["202600000", "202600001"]
    assert sum(1 for _row in found) == 19_998
    assert source.most < 1 << 20  # never the whole file at once


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_from_upload_to_report_on_screen(app, desk, lang) -> None:
    data = sheet(*(f"2026{n:04d},李思远,本科生,,,," for n in range(30)), "bad card!,李,本科生,,,,")
    async with client(app, HEAD, cookie=f"lang={lang}") as web:
        assert (await web.get("/reader/card-files")).status_code == 200
        broken = await web.post("/reader/card-files", files={"file": ("x.csv", b"a,b\n1,2", "text/csv")})
        assert (broken.status_code, "学工号" in broken.text) == (422, True)
        assert (await web.post("/reader/card-files", data={"full": "true"})).status_code == 422
        made = await web.post("/reader/card-files", files={"file": ("名单.csv", data, "text/csv")})
        at = made.headers["location"]
        for url in (at, at + "?page=2", at + "?fate=refused", "/reader/card-files"):
            assert (await web.get(url)).status_code == 200
        assert (await web.post(at + "/apply")).status_code == 303
        assert (await web.get(at)).status_code == 200
        while await runner.once(desk.works):
            pass
        told = (await web.get("/api" + at + "?fate=insert&limit=10")).json()
        assert (told["state"], told["total"], len(told["items"])) == ("done", 30, 10)
        report = load_workbook(io.BytesIO((await web.get(at + "/report.xlsx")).content)).active
        assert [cell.value for cell in report[2]][1:3] == ["••0000", "李**"]
        assert (await web.post(at + "/report.xlsx", data={"reason": "无"})).status_code == 422
        whole = load_workbook(io.BytesIO((await web.post(at + "/report.xlsx", data={"reason": "退卡务中心核对"})).content)).active
        assert [cell.value for cell in whole[2]][1:3] == ["20260000", "李思远"]
        assert "退卡务中心核对" in (await web.get("/reader/privacy?what=export-full")).text
        other = (await web.post("/api/reader/card-files", files={"file": ("x.csv", data, "text/csv")})).json()
        assert other["counts"] == {"same": 30, "refused": 1}
        assert (await web.post(f"/reader/card-files/{other['number']}/drop")).status_code == 303
    async with client(app, CLERK) as clerk:
        assert (await clerk.get("/reader/card-files")).status_code == 403
