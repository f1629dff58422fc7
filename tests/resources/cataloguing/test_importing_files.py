"""A file handed in becomes records, items and facts; every record of it is accounted for.

covers: RES-MGT-01, RES-ACQ-01
"""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest
from sqlalchemy import text

from services.resources.cataloguing.imports import commands, rules
from services.resources.cataloguing.imports.model import JobState
from services.resources.cataloguing.imports.runner import Gone, Runner
from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.items.rules import BarcodeTaken
from services.resources.cataloguing.marc.record import Field, Record
from shared.barcodes import is_barcode
from shared.refusals import NotAllowed
from shared.states import NotFromHere
from tests.resources.conftest import CLERK, RECORDS, House

FILES = Path(__file__).parents[1] / "marc" / "files"
SHIPPED = {"classics.mrc": 200, "bnu.mrc": 5, "foreign.mrc": 293}


@pytest.mark.parametrize(("name", "count"), SHIPPED.items())
async def test_every_shipped_file_comes_in_whole(house: House, name: str, count: int):
    await house.places()
    job = await house.read(RECORDS / name)
    assert (job.state, job.added, job.duplicate, job.refused) == (JobState.done, count, 0, 0)
    assert job.items > 0
    assert job.position == count
    facts = await house.said("resources.record.added", "resources.item.catalogued", "resources.import.finished")
    assert sum(fact == "resources.record.added" for fact, _ in facts) == count
    assert sum(fact == "resources.item.catalogued" for fact, _ in facts) == job.items
    assert facts[-1][1]["added"] == count


async def test_the_same_file_twice_adds_nothing_twice(house: House):
    await house.places()
    first = await house.read(RECORDS / "bnu.mrc")
    again = await house.read(RECORDS / "bnu.mrc")
    assert (first.added, again.added, again.duplicate, again.items) == (5, 0, 5, 0)
    assert (await house.rows("SELECT count(*) FROM instance"))[0][0] == 5
    for line in await house.lines(again):
        assert line["record"].startswith("B")
        assert line["record"] in line["notes"][0]


@pytest.mark.parametrize("twin", ["bnu-cnmarc.gbk.iso", "bnu-cnmarc.gb18030.iso", "bnu-cnmarc.xml"])
async def test_a_record_in_another_coding_is_the_same_record(house: House, twin: str):
    await house.place()
    assert (await house.read(FILES / "bnu-cnmarc.utf8.iso", location="sk-2f")).added == 5
    again = await house.read(FILES / twin, location="sk-2f")
    assert (again.added, again.duplicate, again.refused) == (0, 5, 0)


async def test_a_file_cut_in_the_middle_keeps_the_sound_records_and_names_the_bad_one(house: House, tmp_path: Path):
    await house.places()
    whole = (RECORDS / "bnu.mrc").read_bytes()
    ends = [place for place, byte in enumerate(whole) if byte == 0x1D]
    cut = tmp_path / "cut.mrc"
    cut.write_bytes(whole[: ends[2] + 300])
    job = await house.read(cut)
    assert (job.state, job.added, job.refused) == (JobState.done, 3, 1)
    (bad,) = await house.lines(job, "refused")
    assert bad["number"] == 4
    assert bad["notes"]
    async with house.client() as client:
        kept = await client.get(f"/resources/imports/{job.no}/refused")
    assert kept.content == whole[ends[2] + 1 : ends[2] + 300]


async def test_a_job_that_broke_off_goes_on_and_ends_with_the_same_totals(house: House):
    await house.places()
    number = await house.hand_in(RECORDS / "classics.mrc")
    runner = Runner(house.kit, batch=30)
    await runner.start()
    while (await house.job(number)).position < 60:
        await asyncio.sleep(0.01)
    await runner.stop()  # in the middle of a batch, most likely
    broken = await house.job(number)
    assert broken.state is JobState.reading
    assert 60 <= broken.position < 200
    other = Runner(house.kit, batch=50)
    while await other.once():
        pass
    job = await house.job(number)
    assert (job.state, job.added, job.duplicate, job.refused) == (JobState.done, 200, 0, 0)
    assert [r[0] for r in await house.rows("SELECT number FROM import_line ORDER BY number")] == list(range(1, 201))


async def test_a_runner_that_lost_its_job_writes_nothing_more(house: House):
    await house.places()
    number = await house.hand_in(RECORDS / "classics.mrc")
    slow, quick = Runner(house.kit, batch=20), Runner(house.kit, batch=100)
    job = await slow._claim()
    assert job is not None
    assert job.no == number
    await slow._release(job.id)
    assert await quick.once()
    with pytest.raises(Gone):
        await slow._batch(job, [])
    assert (await house.job(number)).added == 200


async def test_the_job_of_a_runner_that_died_is_taken_up_once_its_heart_is_silent(house: House):
    await house.places()
    number = await house.hand_in(RECORDS / "bnu.mrc")
    beat = "UPDATE import_job SET runner = 'dead', beat_at = now() - make_interval(secs => :ago)"
    for ago, taken in ((rules.LEASE_SECONDS - 10, False), (rules.LEASE_SECONDS + 1, True)):
        async with house.kit.works.open() as work:
            await work.session.execute(text(beat), {"ago": ago})
        assert await Runner(house.kit).once() is taken
    assert (await house.job(number)).added == 5


async def test_a_stopped_job_keeps_what_it_has_and_can_go_on(house: House):
    await house.places()
    async with house.work() as work:
        job = await commands.receive(work, house.kit.files, RECORDS / "bnu.mrc", name="bnu.mrc", start=True)
    async with house.work() as work:
        await commands.stop(work, job.no)
    assert not await Runner(house.kit).once()
    async with house.work() as work:
        await commands.start(work, str(job.id))
    assert await Runner(house.kit).once()
    assert (await house.job(job.no)).added == 5
    async with house.work() as work:
        with pytest.raises(NotFromHere):
            await commands.start(work, job.no)


async def test_a_barcode_that_belongs_to_another_book_is_not_taken_twice(house: House):
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    (number,) = (await house.rows("SELECT number FROM instance ORDER BY number LIMIT 1"))[0]
    barcode = (await house.rows(
        "SELECT i.barcode FROM item i JOIN instance r ON r.id = i.instance_id ORDER BY r.number DESC LIMIT 1"
    ))[0][0]
    async with house.work() as work:
        with pytest.raises(BarcodeTaken, match="条码"):
            await add_item(work, number=number, barcode=barcode, location="sk-2f")


async def test_items_without_barcodes_are_numbered_when_asked(house: House, tmp_path: Path):
    bare = Record("00000nam a2200000 a 4500", (
        Field("001", data="bare-1"), Field("245", "10", (("a", "A book without a barcode"),)),
        Field("852", "  ", (("b", "sk-2f"), ("h", "QA76"))),
    ))
    path = tmp_path / "bare.mrc"
    path.write_bytes(bare.to_iso2709())
    await house.place()
    job = await house.read(path, number_items=True)
    assert (job.added, job.items) == (1, 1)
    ((barcode,),) = await house.rows("SELECT barcode FROM item")
    assert is_barcode(barcode)
    (line,) = await house.lines(job)
    assert barcode in line["notes"][-1]


async def test_without_being_asked_nobody_invents_barcodes(house: House):
    await house.place()
    job = await house.read(FILES / "bnu-cnmarc.utf8.iso", location="sk-2f")
    with_barcode = (await house.rows("SELECT count(*) FROM item WHERE barcode LIKE 'A005%'"))[0][0]
    assert job.items == (await house.rows("SELECT count(*) FROM item"))[0][0]
    assert with_barcode == 0


async def test_a_packed_file_is_read_like_any_other(house: House, tmp_path: Path):
    await house.places()
    packed = tmp_path / "bnu.mrc.gz"
    packed.write_bytes(gzip.compress((RECORDS / "bnu.mrc").read_bytes()))
    job = await house.read(packed)
    assert (job.added, job.refused) == (5, 0)


@pytest.mark.parametrize(("name", "data"), [
    ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
    ("letter.txt", "这不是书目".encode()), ("zeros.mrc", b"\x00" * 5000),
])
async def test_a_file_that_holds_no_records_is_refused_with_a_sentence(
    house: House, tmp_path: Path, name: str, data: bytes
):
    path = tmp_path / name
    path.write_bytes(data)
    job = await house.read(path)
    assert (job.state, job.added, job.refused) == (JobState.done, 0, 1)
    (line,) = await house.lines(job)
    assert line["notes"]


async def test_an_empty_file_opens_no_job(house: House, tmp_path: Path):
    path = tmp_path / "empty.mrc"
    path.touch()
    async with house.work() as work:
        with pytest.raises(rules.EmptyFile):
            await commands.receive(work, house.kit.files, path, name=path.name)


async def test_only_cataloguers_and_buyers_import(house: House):
    async with house.work(CLERK) as work:
        with pytest.raises(NotAllowed):
            await commands.receive(work, house.kit.files, RECORDS / "bnu.mrc", name="bnu.mrc")


async def test_the_original_stays_byte_for_byte(house: House):
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    numbers = [r[0] for r in await house.rows("SELECT number FROM instance ORDER BY number")]
    async with house.client() as client:
        kept = [(await client.get(f"/resources/records/{n}/original")).content for n in numbers]
    assert b"".join(kept) == (RECORDS / "bnu.mrc").read_bytes()


async def test_a_lost_file_fails_the_job_with_a_sentence(house: House):
    await house.places()
    number = await house.hand_in(RECORDS / "bnu.mrc")
    digest = (await house.job(number)).digest
    (Path(house.kit.settings.data) / "resources" / house.kit.files.path(digest)).unlink()
    assert await Runner(house.kit).once()
    job = await house.job(number)
    assert job.state is JobState.failed
    assert job.error
