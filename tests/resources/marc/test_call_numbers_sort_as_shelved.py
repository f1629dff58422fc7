"""Books stand in the order of their call numbers; the keys must agree with the shelf."""

from __future__ import annotations

from itertools import pairwise

import pytest

from services.resources.cataloguing.marc.callnumbers import (
    is_clc,
    natural_key,
    shelf_key,
    sort_key,
)

CLC = [
    "B2/7",
    "F12/3",
    "F12(711)/1",
    "F121/2",
    "G25/9",
    "G25-49/1",
    "G250/4",
    "G250.7/23",
    "G250.7/123",
    "G250.7/123:2",
    "G250.7/123:10",
    "G251/1",
    "I247.5/8",
    "I247.5/L963",
    "T-0/1",
    "TB1/1",
    "TP3/2",
    "TP31/1",
    "TP311/1",
    "TP311.56/456",
    "TP311.56/456/2005",
    "TP311.56/456/2012",
    "TP311.56/456:2",
    "TP32/1",
]
LCC = [
    "P90 .A1",
    "PN6 .Z9",
    "PN1997.2 .Q25 2008",
    "Q1 .S3",
    "QA9 .B2",
    "QA76.73 .J38 v.2",
    "QA76.73 .J38 v.10",
    "QA76.73 .P98 M33 1999",
    "QA76.73 .P98 M33 2000",
    "QA76.73 .P98 M4",
    "QA76.9 .A25",
]
DDC = ["005.13 A1", "005.133 B2", "005.2 A1", "005.2 B1", "150 Z9", "823.912 ROW", "823.92 AAA"]


@pytest.mark.parametrize(
    ("order", "key"),
    [(CLC, sort_key), (LCC, natural_key), (DDC, natural_key)],
    ids=["clc", "lcc", "ddc"],
)
def test_each_call_number_files_before_the_next(order: list[str], key) -> None:
    for before, after in pairwise(order):
        assert key(before) < key(after), (before, after, key(before), key(after))


def test_keys_are_plain_ascii_so_that_a_database_sorts_them_bytewise() -> None:
    assert all(sort_key(number).isascii() for number in CLC)


def test_the_dot_and_the_width_of_letters_make_no_difference() -> None:
    assert sort_key("ＴＰ３１１．５６/４５６") == sort_key("tp31156/456")


def test_a_library_may_file_the_signs_otherwise() -> None:
    usual, other = ["F12-4/1", "F12(7)/1"], ["F12(7)/1", "F12-4/1"]
    assert sorted(other, key=sort_key) == usual
    assert sorted(usual, key=lambda number: sort_key(number, "(-")) == other


@pytest.mark.parametrize(
    ("mark", "clc"),
    [
        ("G250.7", True),
        ("TP311", True),
        ("[T-9]", True),
        ("J", True),
        ("L963", False),
        ("005.13", False),
        ("SOUND", False),
    ],
)
def test_classes_of_the_clc_are_recognised(mark: str, clc: bool) -> None:
    assert is_clc(mark) is clc


def test_a_mixed_shelf_uses_the_key_of_each_notation() -> None:
    assert shelf_key("G250.7/123") == sort_key("G250.7/123")
    assert shelf_key("QA76.73 .P98 2000") == natural_key("QA76.73 .P98 2000")
    assert shelf_key("005.13/3 221") == natural_key("005.13/3 221")
