"""The shipped records are readable, complete, shelved and each copy has a sound barcode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.resources.cataloguing.marc.holdings import items
from services.resources.cataloguing.marc.matching import completeness, match_keys
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from shared.barcodes import is_barcode
from tests.resources.marc.sample import accepted

RECORDS = Path(__file__).resolve().parents[3] / "services/resources/demo/records"
COUNTS = {"classics.mrc": 200, "bnu.mrc": 5, "foreign.mrc": 293}
PLACES = {
    place["code"]: place for place in json.loads((RECORDS / "locations.json").read_text("utf-8"))
}
SHIPPED = {name: accepted((RECORDS / name).read_bytes()) for name in COUNTS}
EVERY = [record for records in SHIPPED.values() for record in records]


@pytest.mark.parametrize("name", COUNTS)
def test_the_files_hold_what_the_readme_says(name: str) -> None:
    assert len(SHIPPED[name]) == COUNTS[name]
    assert {record.dialect for record in SHIPPED[name]} == {
        "marc21" if name == "foreign.mrc" else "cnmarc"
    }


@pytest.mark.parametrize("name", ["classics.mrc", "bnu.mrc"])
def test_chinese_records_could_be_released_at_once(name: str) -> None:
    assert not [work.title for work in map(project, SHIPPED[name]) if completeness(work)]


def test_no_work_is_there_twice() -> None:
    keys = [
        key
        for record in EVERY
        for key in match_keys(project(record))
        if not key.startswith("title:")
    ]
    assert len(keys) == len(set(keys))


def test_every_work_has_one_to_three_copies_with_price_place_and_call_number() -> None:
    for record in EVERY:
        copies = items(record)
        assert 1 <= len(copies) <= 3
        for copy in copies:
            assert is_barcode(copy.barcode)
            assert copy.location in PLACES
            assert copy.price_fen
            assert copy.call_number


def test_barcodes_and_chinese_call_numbers_are_given_once() -> None:
    barcodes = [copy.barcode for record in EVERY for copy in items(record)]
    assert len(barcodes) == len(set(barcodes))

    def shelf(record: Record) -> str:
        return project(record).call_number

    numbers = [shelf(record) for name in ("classics.mrc", "bnu.mrc") for record in SHIPPED[name]]
    assert len(numbers) == len(set(numbers))


def test_places_are_named_in_both_languages_and_of_a_known_kind() -> None:
    for place in PLACES.values():
        assert place["zh"]
        assert place["en"]
        assert place["kind"] in {"open", "closed", "reference"}
    used = {copy.location for record in EVERY for copy in items(record)}
    assert {"sk-2f", "wy-2f", "zk-3f", "ww-4f", "qk-3f", "yb-5f", "mj-b1"} <= used
