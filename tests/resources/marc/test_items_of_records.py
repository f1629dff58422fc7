"""Items are found in every layout that real systems write."""

from __future__ import annotations

import pytest

from services.resources.cataloguing.marc.holdings import ItemDraft, barcodes_in, items
from services.resources.cataloguing.marc.record import Field
from tests.resources.marc.sample import a_cnmarc, a_marc21, accepted, field

SHELF = "G253/12"


def test_our_905_gives_one_item_a_field() -> None:
    copies = [
        field(
            "905",
            a="GW",
            b=f"A00000012{n}",
            c="sk-2f",
            d="G253",
            e="12",
            f=str(n),
            r="CNY68.00",
            s=SHELF,
        )
        for n in (1, 2)
    ]
    assert items(a_cnmarc(*copies)) == [
        ItemDraft(f"A00000012{n}", "sk-2f", SHELF, copy=str(n), price_fen=6800) for n in (1, 2)
    ]


def test_barcodes_of_a_real_library_in_906_and_935_are_counted_once() -> None:
    found = [[draft.barcode for draft in items(record)] for record in accepted("bnu-cnmarc.xml")]
    assert found == [
        ["1683011", "1683012", "1683013"],
        ["1708903", "1805012"],
        ["1805014"],
        ["1805016", "1865829", "1865830"],
        ["1667201", "1667202", "1667203"],
    ]
    assert {
        draft.call_number for record in accepted("bnu-cnmarc.xml") for draft in items(record)
    } == {"F124/26"}


def test_a_holding_without_barcodes_is_one_copy() -> None:
    assert items(a_cnmarc(field("905", a="GW", d="G253", e="12"))) == [ItemDraft(call_number=SHELF)]


@pytest.mark.parametrize(
    ("text", "barcodes"),
    [
        ("1683011-3", ["1683011", "1683012", "1683013"]),
        ("1865829-30", ["1865829", "1865830"]),
        ("A0998～1001", ["A0998", "A0999", "A1000", "A1001"]),
        ("0123", ["0123"]),
        ("100-99999", ["100-99999"]),
        ("12-10", ["12-10"]),
        (" ", []),
    ],
)
def test_ranges_of_barcodes_are_spelled_out(text: str, barcodes: list[str]) -> None:
    assert barcodes_in(text) == barcodes


@pytest.mark.parametrize(
    ("fields", "draft"),
    [
        (
            [
                field(
                    "852",
                    "0 ",
                    a="GW",
                    b="zk-3f",
                    h="Z665",
                    i=".L53",
                    p="39999",
                    t="2",
                    _9="CNY80.00",
                    z="donated",
                )
            ],
            ItemDraft("39999", "zk-3f", "Z665 .L53", "2", price_fen=8000, note="donated"),
        ),
        (
            [
                field("852", "00", _0="3776", b="rcp", t="1", h="JX1395", i=".W44"),
                field("866", _0="3776", a="no. 1-26"),
            ],
            ItemDraft("", "rcp", "JX1395 .W44", "1", "no. 1-26"),
        ),
        (
            [
                field("852", b="a", h="X1", _8="1"),
                field("852", b="b", h="Y2", _8="2"),
                field("876", _8="2.1", p="77", t="3", c="25.50"),
            ],
            ItemDraft("77", "b", "Y2", "3", price_fen=2550),
        ),
        (
            [
                field(
                    "952",
                    a="CPL",
                    b="CPL",
                    c="GEN",
                    o="823.9 ROW",
                    p="3999900000001",
                    h="v. 2",
                    g="45.00",
                    t="1",
                )
            ],
            ItemDraft("3999900000001", "GEN", "823.9 ROW", "1", "v. 2", 4500),
        ),
        (
            [
                field(
                    "949",
                    a="3489  CD",
                    v="96",
                    w="LC",
                    i="30007007465361",
                    l="HUNT-AUDIO",
                    m="HUNTINGTON",
                )
            ],
            ItemDraft("30007007465361", "HUNT-AUDIO", "3489 CD", volume="96"),
        ),
        (
            [field("999", a="DC341 .G615", w="LC", i="X001098762", l="STACKS", m="ALDERMAN")],
            ItemDraft("X001098762", "STACKS", "DC341 .G615"),
        ),
    ],
    ids=["852", "852+866", "852+876", "952", "949", "999"],
)
def test_layouts_of_marc21_systems(fields: list[Field], draft: ItemDraft) -> None:
    assert items(a_marc21(*fields)) == [draft]


def test_fields_that_only_look_like_items_are_left_alone() -> None:
    lookalikes = (
        field("999", c="17", d="17"),
        field("952", a="CSUO02B5200", b="Hoover"),
        field("949", a="x"),
    )
    assert items(a_marc21(*lookalikes)) == []
