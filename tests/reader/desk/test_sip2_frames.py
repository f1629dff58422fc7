"""The frames of SIP2: what is written is read back, and nothing a machine sends breaks the reader. covers: RDR-DSK-BAS-02"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reader.desk.selfcheck import codec
from services.reader.desk.selfcheck.codec import ANSWERS, REQUESTS, Garbled

BOTH = REQUESTS | ANSWERS
WORDS = st.text(st.characters(codec="gbk", exclude_characters="|", categories=["L", "N", "P", "S", "Zs"]), max_size=60)
IDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)


@pytest.mark.parametrize("line", [
    b"9900802.00AY1AZFCA0", b"9300CNscclient|COclientpwd|CPThe floor|AY0AZF023",
    b"9300CNlibrarian@test.com|CO123456|CPselfcheck_location|AY1AZEAEE",
])
def test_known_checksums_hold(line: bytes) -> None:
    assert codec.read(line, detection="on").checked
    broken = line.replace(b"00", b"01", 1)
    with pytest.raises(Garbled):
        codec.read(broken)
    assert codec.read(broken, detection="off").code in REQUESTS


@given(
    code=st.sampled_from(sorted(BOTH)), fields=st.dictionaries(IDS, WORDS, max_size=6),
    charset=st.sampled_from(["utf-8", "gbk"]), sequence=st.sampled_from(["", *"0123456789"]), checked=st.booleans(),
)
def test_what_is_written_is_read_back(code, fields, charset, sequence, checked) -> None:
    fixed = ["x" * width for _name, width in BOTH[code]]
    line = codec.write(
        code, fixed, fields.items(), charset=charset, sequence=sequence, checked=checked, tables=BOTH
    )
    assert line.endswith(b"\r")
    assert line.count(b"\r") == 1
    found = codec.read(line[:-1], charset, detection="on" if checked else "auto", tables=BOTH)
    assert (found.code, list(found.fixed.values()), found.fields) == (code, fixed, fields)
    assert (found.checked, found.sequence) == (checked, sequence if checked else "")


@given(st.binary(max_size=300))
def test_garbage_is_a_message_or_garbled(line: bytes) -> None:
    for charset in ("utf-8", "gbk", "cp850"):
        for detection in ("auto", "on", "off"):
            with contextlib.suppress(Garbled):
                assert codec.read(line, charset, detection=detection).code in REQUESTS


def test_fields_come_in_any_order_and_strangers_are_ignored() -> None:
    fixed = "11YN" + "20261123    120000" + " " * 18
    one = codec.read((fixed + "AO|AAcard|ABbook|AC|").encode())
    other = codec.read((fixed + "ZZwhat|ABbook|AC|AAcard|AAsecond|AO|X").encode())
    assert (one["AA"], one["AB"]) == (other["AA"], other["AB"]) == ("card", "book")


def test_a_gbk_letter_may_hold_a_delimiter() -> None:
    letter = "|".join(b"\x81\x7c".decode("gbk"))
    line = codec.write("10", ["1", "Y", "N", "N", " " * 18], [("AJ", letter), ("AF", "好")], charset="gbk")
    found = codec.read(line[:-1], "gbk", tables=ANSWERS)
    assert (found["AJ"], found["AF"]) == (letter, "好")


def test_a_value_never_ends_its_field_or_its_message() -> None:
    line = codec.write("38", ["Y", " " * 18], [("AF", "a|b\rc\nd"), ("AJ", "x" * 400)])
    found = codec.read(line[:-1], tables=ANSWERS)
    assert (found["AF"], len(found["AJ"])) == ("a b c d", 255)


def test_a_letter_the_charset_lacks_becomes_a_question_mark() -> None:
    line = codec.write("38", ["Y", " " * 18], [("AF", "书 ok")], charset="cp850", checked=True)
    assert b"AF? ok|" in line
    assert codec.read(line[:-1], "cp850", detection="on", tables=ANSWERS)["AF"] == "? ok"


def test_counts_never_have_five_digits() -> None:
    assert [codec.count(n) for n in (-1, 0, 12, 9999, 10_000)] == ["0000", "0000", "0012", "9999", "9999"]


@pytest.mark.parametrize("line", [b"", b"1", b"99", b"11YN2026", b"00what", b"6300120261123"])
def test_what_is_too_short_is_garbled(line: bytes) -> None:
    with pytest.raises(Garbled):
        codec.read(line)
