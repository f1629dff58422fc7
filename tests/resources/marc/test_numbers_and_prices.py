"""Numbers printed on books and in records are checked before they are believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.resources.cataloguing.marc.isbn import isbn10_to_13, isbn13, isbn13_to_10, issn
from services.resources.cataloguing.marc.prices import price_fen
from services.resources.cataloguing.marc.wording import year_in
from shared.barcodes import barcode, barcode_check_digit, is_barcode


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7-5037-1744-0", "9787503717444"),
        ("978-7-5013-5641-6", "9787501356416"),
        ("ISBN 0-306-40615-2 (pbk. : alk. paper)", "9780306406157"),
        ("７－５０３７－２８９９－Ｘ", "9787503728990"),
        ("080442957x", "9780804429573"),
        ("7–5037–1744–0", "9787503717444"),
        ("7-5037-1744-1", ""),
        ("9787503717440", ""),
        ("CNY68.00", ""),
        ("", ""),
    ],
)
def test_an_isbn_is_found_in_messy_text_only_if_its_check_digit_is_right(
    text: str, number: str
) -> None:
    assert isbn13(text) == number


@given(st.integers(0, 999_999_999))
def test_both_forms_of_an_isbn_lead_to_each_other(core: int) -> None:
    long = isbn10_to_13(f"{core:09d}0")
    short = isbn13_to_10(long)
    assert isbn13(short) == isbn13(long) == long
    assert isbn13_to_10("9791090636071") == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000-0011", "1000-0011"),
        ("ISSN 0028-0836 =", "0028-0836"),
        ("2434561X", "2434-561X"),
        ("1000-0012", ""),
    ],
)
def test_an_issn_is_checked(text: str, number: str) -> None:
    assert issn(text) == number


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("CNY68.00", 6800),
        ("￥66.00（全三册）", 6600),
        ("CNY37.00 (含光盘)", 3700),
        ("CNY赠90.00", 9000),
        ("23.5元", 2350),
        ("CNY1,280.00", 128000),
        ("ＣＮＹ１２．８０", 1280),
        ("USD12.00", None),
        ("$7.99", None),
        ("£ 12", None),
        ("HK$80.00", None),
        ("12.00", None),
        ("赠阅", None),
        ("", None),
    ],
)
def test_prices_in_yuan_become_fen_and_others_stay_text(text: str, fen: int | None) -> None:
    assert price_fen(text) == fen


def test_a_bare_amount_in_a_holding_is_local_money() -> None:
    assert price_fen("45.00", local=True) == 4500
    assert price_fen("$45.00", local=True) is None
    assert price_fen("v. 3", local=True) is None


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("c2001.", 2001),
        ("[1994]", 1994),
        ("民国23年", 1934),
        ("１９８５．３", 1985),
        ("19--", None),
        ("", None),
    ],
)
def test_the_year_is_read_out_of_an_imprint(text: str, year: int | None) -> None:
    assert year_in(text) == year


@given(st.sampled_from("ABDPR"), st.integers(1, 99_999_999), st.integers(1, 8), st.integers(1, 9))
def test_a_barcode_betrays_any_wrong_digit(kind: str, serial: int, place: int, change: int) -> None:
    code = barcode(kind, serial)
    assert is_barcode(code)
    wrong = code[:place] + str((int(code[place]) + change) % 10) + code[place + 1 :]
    assert not is_barcode(wrong)


def test_the_rule_of_the_check_digit_is_the_written_one() -> None:
    # A = 10: digits 1 0 0 0 0 0 0 1 2 3, doubled from the right: 6+2+2+0+…+0+1 = 11.
    assert barcode_check_digit("A00000123") == "9"
    assert barcode("A", 123) == "A000001239"
    assert len(barcode("D", 1)) == 10
    with pytest.raises(ValueError, match="no barcode"):
        barcode("X", 1)
    with pytest.raises(ValueError, match="no barcode"):
        barcode("A", 100_000_000)
