"""Damage costs the record it is in and no other, whatever the damage."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.resources.cataloguing.marc.outcome import Accepted, Refused
from tests.resources.marc.sample import FILES, a_cnmarc, a_marc21, codes, field, outcomes

ONE, TWO, THREE = (a_marc21(title=f"Work {n} /").to_iso2709() for n in (1, 2, 3))


def titles(source: bytes) -> list[str]:
    return [
        o.record.first("245", "a") or o.record.first("200", "a")
        if isinstance(o, Accepted)
        else o.code
        for o in outcomes(source)
    ]


def test_a_wrong_length_is_told_and_the_terminator_trusted() -> None:
    wrong = b"00099" + ONE[5:]
    first, second = outcomes(wrong + TWO)
    assert codes(first) == {"length"}
    assert codes(second) == set()


@pytest.mark.parametrize(
    "filler", [b"\r\n", b"  \x00\x00\n", b"\x1a", b"\x1d\x1d", b"\xef\xbb\xbf"]
)
def test_padding_between_records_is_skipped(filler: bytes) -> None:
    assert titles(filler + ONE + filler + TWO + filler) == ["Work 1 /", "Work 2 /"]


def test_junk_between_records_is_refused_by_number() -> None:
    found = outcomes(ONE + b"lorem ipsum\x1d" + TWO)
    assert [type(o) for o in found] == [Accepted, Refused, Accepted]
    assert [o.number for o in found] == [1, 2, 3]
    assert found[1].offset == len(ONE)
    assert codes(found[1]) == {"not-a-record"}


def test_a_record_cut_in_the_middle_does_not_swallow_the_next() -> None:
    for length in (60, 120, 250, 400):
        assert titles(ONE + TWO[:length] + THREE) == ["Work 1 /", "cut-off", "Work 3 /"]


def test_a_file_that_breaks_off_refuses_only_its_last_record() -> None:
    assert titles(ONE + TWO[:-40]) == ["Work 1 /", "cut-off"]


def test_a_missing_last_terminator_is_only_a_flaw() -> None:
    first, second = outcomes(ONE + TWO[:-1])
    assert codes(first) == set()
    assert {"terminator"} <= codes(second)
    assert isinstance(second, Accepted)


def test_a_lost_terminator_between_records_loses_neither() -> None:
    assert titles(ONE[:-1] + TWO + THREE) == ["Work 1 /", "Work 2 /", "Work 3 /"]
    assert titles(ONE[:-1] + b"x" + TWO) == ["Work 1 /", "Work 2 /"]


def test_lengths_counted_in_characters_are_matched_to_the_fields() -> None:
    record = a_cnmarc()
    raw = record.to_iso2709()
    directory, start = b"", 0
    for one in record.fields:
        length = (
            len(one.data or one.indicators + "".join("$" + c + v for c, v in one.subfields)) + 1
        )
        directory += b"%b%04d%05d" % (one.tag.encode(), length, start)
        start += length
    (outcome,) = outcomes(raw[:24] + directory + raw[24 + len(directory) :])
    assert isinstance(outcome, Accepted)
    assert outcome.record.fields == record.fields
    assert codes(outcome) == {"directory"}


def test_a_field_longer_than_its_directory_can_say_is_read_whole() -> None:
    long = "长" * 4000
    (outcome,) = outcomes(
        a_cnmarc(field("330", a=long), field("856", u="http://a.example")).to_iso2709()
    )
    assert isinstance(outcome, Accepted)
    assert outcome.record.first("330", "a") == long
    assert outcome.record.first("856", "u") == "http://a.example"


@pytest.mark.parametrize(
    ("leader", "flaw"),
    [
        (b"     nam0 22-----   450 ", "length"),
        (b"-----nam0 2200205   450 ", "length"),
        (b"00000nam\x14 22?????   450 ", "leader"),
    ],
)
def test_worn_leaders_of_real_systems_are_read(leader: bytes, flaw: str) -> None:
    raw = a_cnmarc().to_iso2709()
    for source in (leader + raw[24:], raw + leader + raw[24:]):
        outcome = outcomes(source)[-1]
        assert isinstance(outcome, Accepted)
        assert outcome.record.fields == a_cnmarc().fields
        assert flaw in codes(outcome)


def test_spoiled_xml_costs_one_record() -> None:
    one, two, three = (a_marc21(title=f"Work {n} /").to_marcxml() for n in (1, 2, 3))
    for spoiled in (
        two.replace("</subfield>", "</sub>", 1),
        two.replace("</record>", ""),
        two.replace("<record", "<recor"),
        two.replace("Work", "Wo&rk;"),
        two.replace("Work", "Wo<rk"),
    ):
        found = outcomes(f"<collection>{one}\n{spoiled}\n{three}</collection>".encode())
        sound = [o.record.first("245", "a") for o in found if isinstance(o, Accepted)]
        assert sound == ["Work 1 /", "Work 3 /"]
        assert [o.number for o in found if isinstance(o, Refused)] == [2]


def test_a_refusal_in_xml_says_where() -> None:
    broken = a_marc21().to_marcxml().replace("</leader>", "</laeder>")
    (refused,) = outcomes(broken.encode())
    assert isinstance(refused, Refused)
    assert refused.code == "bad-xml"
    assert refused.params["line"] == 2
    assert "第 2 行" in refused.message


def test_control_characters_in_xml_are_blanked_and_told() -> None:
    (outcome,) = outcomes(a_marc21().to_marcxml().replace("ocm12345", "ocm\x1f12345").encode())
    assert isinstance(outcome, Accepted)
    assert outcome.record.first("001") == "ocm 12345"
    assert codes(outcome) == {"control-characters"}


def test_spoiled_json_costs_one_record() -> None:
    one, two, three = (json.dumps(a_marc21(title=f"Work {n} /").to_json()) for n in (1, 2, 3))
    for spoiled in (
        two[:200],
        two.replace(":", ";", 4),
        two.replace('"fields"', '"felds"'),
        "[1, 2]",
    ):
        found = outcomes(f"[{one},{spoiled},{three}]".encode())
        sound = [o.record.first("245", "a") for o in found if isinstance(o, Accepted)]
        assert sound == ["Work 1 /", "Work 3 /"]
    assert any(isinstance(o, Refused) for o in outcomes(f"[{one},{two[:200]},{three}]".encode()))


SOUND = {
    "iso2709": (FILES / "bnu-cnmarc.gbk.iso").read_bytes(),
    "marc21": (FILES / "serials-905.mrc").read_bytes()[:9000],
    "xml": b"<collection>"
    + b"".join(a_marc21(title=f"Work {n} /").to_marcxml().encode() for n in range(5))
    + b"</collection>",
    "json": b"["
    + b",".join(json.dumps(a_cnmarc(title=f"第{n}种").to_json()).encode() for n in range(5))
    + b"]",
}
EXTENTS = {
    kind: [(o.offset, o.offset + len(o.raw), o.raw) for o in outcomes(raw)]
    for kind, raw in SOUND.items()
}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(sorted(SOUND)), where=st.floats(0, 1), byte=st.integers(0, 255))
def test_one_wrong_byte_never_costs_another_record(kind: str, where: float, byte: int) -> None:
    raw = bytearray(SOUND[kind])
    place = min(int(where * len(raw)), len(raw) - 1)
    raw[place] = byte
    kept = {bytes(o.raw).strip(b" \r\n,") for o in outcomes(bytes(raw)) if isinstance(o, Accepted)}
    for start, end, piece in EXTENTS[kind]:
        touched = start <= place <= end
        complete = kind not in ("iso2709", "marc21") or piece.endswith(b"\x1d")
        if not touched and complete:
            assert piece.strip(b" \r\n,") in kept


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(sorted(SOUND)), where=st.floats(0, 1))
def test_a_file_cut_anywhere_keeps_what_came_before(kind: str, where: float) -> None:
    place = int(where * len(SOUND[kind]))
    kept = {
        bytes(o.raw).strip(b" \r\n,")
        for o in outcomes(SOUND[kind][:place])
        if isinstance(o, Accepted)
    }
    for _start, end, piece in EXTENTS[kind]:
        if end <= place and (kind in ("xml", "json") or piece.endswith(b"\x1d")):
            assert piece.strip(b" \r\n,") in kept


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=3000))
def test_no_bytes_whatever_raise(data: bytes) -> None:
    for prefix in (
        b"",
        b"00100nam a2200049   4500",
        b"<record>",
        b'[{"leader":',
        b"\x1f\x8b\x08\x00",
    ):
        assert all(outcome.number for outcome in outcomes(prefix + data))
