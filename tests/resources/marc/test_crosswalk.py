"""CNMARC ⇄ MARC 21: what one dialect says reads the same in the other, and there and back nothing is lost.

covers: RES-MGT-01
"""

from __future__ import annotations

from pathlib import Path

import pytest

from services.resources.cataloguing.marc import fixed, typed
from services.resources.cataloguing.marc.crosswalk import convert
from services.resources.cataloguing.marc.dialects import CNMARC, MARC21, dialect_of
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read, read_one
from services.resources.cataloguing.marc.record import Field, Record
from tests.resources.conftest import RECORDS

REAL = Path(__file__).resolve().parents[4] / "shared/data/marc"


def records(path: Path) -> list[Record]:
    with path.open("rb") as file:
        return [one.record for one in read(file) if isinstance(one, Accepted) and one.record.kind == "bibliographic"]


def other(record: Record) -> str:
    return CNMARC if record.dialect == MARC21 else MARC21


def fields(record: Record) -> list[Field]:
    return sorted(record.fields, key=lambda one: one.tag)


def comes_back(record: Record) -> bool:
    there = convert(record, other(record))
    back = convert(there, record.dialect)
    return (back.leader, fields(back)) == (record.leader, fields(record))


@pytest.mark.parametrize("name", ["classics", "bnu", "foreign"])
def test_every_demonstration_record_comes_back_whole(name: str):
    for record in records(RECORDS / f"{name}.mrc"):
        assert comes_back(record), record.first("001")
        there = convert(record, other(record))
        assert dialect_of(there.leader, there.fields) == there.dialect
        again = read_one(there.to_iso2709())
        assert isinstance(again, Accepted)
        assert again.record.fields == there.fields


@pytest.mark.parametrize("name", ["cnmarc/bnu-cnmarc.xml", "folio/serials-905.mrc", "unimarc", "koha/koha-sample-bibs.xml"])
def test_real_records_come_back_whole(name: str):
    path = REAL / name
    files = sorted(path.glob("*")) if path.is_dir() else [path]
    if not path.exists():
        pytest.skip("no collection of real records here")
    found = [record for file in files if file.suffix in (".mrc", ".xml", ".iso") for record in records(file)][:300]
    assert found
    assert not [record.first("001") for record in found if not comes_back(record)]


def test_a_chinese_record_says_the_same_in_marc_21():
    for record in records(RECORDS / "classics.mrc")[::10] + records(RECORDS / "bnu.mrc"):
        told, said = project(record), project(convert(record, MARC21))
        for name in ("title", "title_rest", "responsibility", "publisher", "place", "year", "clc", "material", "country"):
            if name == "country":
                assert (told.country, said.country) == ("CN", "cc")
            else:
                assert getattr(said, name) == getattr(told, name), (record.first("001"), name)
        assert set(said.languages) == set(told.languages)
        assert [n.isbn13 for n in said.isbns] == [n.isbn13 for n in told.isbns]
        assert [set(author.name) - set(" ,") for author in said.authors] == [set(author.name) - set(" ,") for author in told.authors]
        assert {s.replace("--", "-") for s in said.subjects} == set(told.subjects)


def test_a_foreign_record_says_the_same_in_cnmarc():
    for record in records(RECORDS / "foreign.mrc")[::10]:
        there = convert(record, CNMARC)
        told, said = project(record), project(there)
        assert (said.title, said.material) == (told.title, told.material), record.first("001")
        assert there.first("100", "a")[9:13] == record.first("008")[7:11].replace("|", " ")
        assert [n.isbn13 for n in said.isbns] == [n.isbn13 for n in told.isbns]


def test_what_was_changed_on_the_other_side_counts():
    record = records(RECORDS / "bnu.mrc")[0]
    there = typed.write(convert(record, MARC21), {"title": "新题名", "publisher": "新出版社"})
    there = fixed.put(there, "008", 7, "2001")
    back = convert(there, CNMARC)
    assert (back.first("200", "a"), back.first("210", "c"), back.first("100", "a")[9:13]) == ("新题名", "新出版社", "2001")
    assert len(back.of("200")) == len(back.of("100")) == 1
    kept = ("606", "690", "701", "711", "801", "905", "215", "010", "090", "OWN")
    assert back.of(*kept) == record.of(*kept)
    assert convert(record, "cnmarc") is record
