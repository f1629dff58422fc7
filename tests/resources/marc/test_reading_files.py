"""Every format and charset of real files comes out as the same records."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata

import pytest

from services.resources.cataloguing.marc.outcome import Accepted, Refused
from services.resources.cataloguing.marc.reading import read_one
from services.resources.cataloguing.marc.record import Record
from tests.resources.marc.sample import FILES, a_cnmarc, a_marc21, accepted, codes, field, outcomes

COUNTS = {
    "bnu-cnmarc.xml": (5, "cnmarc"),
    "bnu-cnmarc.utf8.iso": (5, "cnmarc"),
    "bnu-cnmarc.gbk.iso": (5, "cnmarc"),
    "bnu-cnmarc.gb18030.iso": (5, "cnmarc"),
    "serials-905.mrc": (24, "marc21"),
    "bad_tag.xml": (1, "marc21"),
    "bad_indicator.dat": (1, "marc21"),
    "bad_subfield_code.dat": (1, "marc21"),
    "utf8_without_leader_flag.dat": (1, "marc21"),
    "multi_isbn.dat": (1, "marc21"),
    "testunimarc.dat": (1, "unimarc"),
    "marc8.dat": (1, "marc21"),
    "diacritic.dat": (1, "marc21"),
    "random_tag_order.dat": (1, "marc21"),
    "utf8_with_bad_bytes.marc": (1, "marc21"),
    "non-numeric.dat": (1, "marc21"),
    "test_data.utf8.mrc": (30, "marc21"),
    "880_with_no_6.utf8.marc": (1, "marc21"),
    "emptyish_record.marc": (1, "marc21"),
    **{f"marc{n}.{kind}": (1, "marc21") for n in (1, 7) for kind in ("marc", "xml", "json")},
}


def test_the_table_names_every_file() -> None:
    assert {path.name for path in FILES.iterdir()} - {"README.md"} == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_every_record_of_a_real_file_is_read(name: str) -> None:
    count, dialect = COUNTS[name]
    records = accepted(name)
    assert len(records) == count
    assert {record.dialect for record in records} == {dialect}


@pytest.mark.parametrize("charset", ["gbk", "gb18030", "utf8"])
def test_chinese_records_are_the_same_in_every_charset(charset: str) -> None:
    xml = accepted("bnu-cnmarc.xml")
    iso = accepted(f"bnu-cnmarc.{charset}.iso")
    assert [record.fields for record in iso] == [record.fields for record in xml]
    assert iso[0].first("200", "a") == "'94中国发展报告"
    assert iso[0].leader[5:9] == "nam0"


def test_the_three_formats_of_one_record_agree() -> None:
    iso, xml, stored = (accepted(f"marc1.{kind}")[0] for kind in ("marc", "xml", "json"))
    assert iso.fields == xml.fields == stored.fields
    assert iso.first("001", "a")


def composed(record: Record) -> list[str]:
    """The texts in one normal form, without the marks over two letters, which tables halve unlike."""
    texts = [value for one in record.fields for _, value in one.subfields]
    return [
        unicodedata.normalize("NFC", re.sub("[\ufe20-\ufe23\u0360\u0361]", "", text))
        for text in texts
    ]


def test_marc8_diacritics_come_out_as_yaz_reads_them() -> None:
    iso, xml = accepted("marc7.marc")[0], accepted("marc7.xml")[0]
    assert composed(iso) == composed(xml)
    assert "Script L (ℓ);  Polish L (Ł);  Scandanavian O (Ø)" in " ".join(iso.all("500", "a"))


def test_gzip_is_unpacked_on_the_way_even_in_several_members() -> None:
    raw = (FILES / "serials-905.mrc").read_bytes()
    cut = raw.index(b"\x1d") + 1
    packed = gzip.compress(raw[:cut]) + gzip.compress(raw[cut:])
    assert len(accepted(packed)) == 24


@pytest.mark.parametrize("encoding", ["gb2312", "GB18030", "utf-16"])
def test_xml_in_a_declared_charset_is_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><c>{a_cnmarc().to_marcxml()}</c>'
    (record,) = accepted(text.encode(encoding))
    assert record.fields == a_cnmarc().fields


def test_records_inside_sru_and_oai_wrappers_are_found() -> None:
    inner = (
        a_marc21()
        .to_marcxml()
        .replace("<record", "<marc:record")
        .replace("</record", "</marc:record")
    )
    sru = (
        "<searchRetrieveResponse><records><record><recordSchema>marcxml</recordSchema>"
        f"<recordData>{inner}</recordData></record><record><recordData>{inner}</recordData>"
        "</record></records></searchRetrieveResponse>"
    )
    assert [record.fields for record in accepted(sru.encode())] == [a_marc21().fields] * 2


def test_json_is_read_as_list_single_object_or_lines() -> None:
    stored = json.dumps(a_cnmarc().to_json(), ensure_ascii=False)
    for text in (stored, f"[{stored},\n {stored}]", f"{stored}\n{stored}\n"):
        assert {record.fields for record in accepted(text.encode())} == {a_cnmarc().fields}
    assert len(accepted(f"[{stored},{stored}]".encode())) == 2


@pytest.mark.parametrize("record", [a_cnmarc(), a_marc21()], ids=["cnmarc", "marc21"])
def test_a_record_survives_every_way_of_writing_it(record: Record) -> None:
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record
    for written in (record.to_iso2709(), record.to_marcxml().encode()):
        (back,) = accepted(written)
        assert back.fields == record.fields
        assert (back.dialect, back.kind) == (record.dialect, record.kind)


def test_accepted_bytes_are_kept_and_read_back_the_same() -> None:
    raw = (FILES / "bnu-cnmarc.gbk.iso").read_bytes()
    found = outcomes(raw)
    assert b"".join(outcome.raw for outcome in found) == raw
    for outcome in found:
        again = read_one(outcome.raw)
        assert isinstance(outcome, Accepted)
        assert isinstance(again, Accepted)
        assert again.record == outcome.record


@pytest.mark.parametrize(
    ("leader", "dialect", "kind"),
    [
        ("00000nz  a2200000n  4500", "marc21", "authority"),
        ("00000nu  a2200000n  4500", "marc21", "holdings"),
        ("00000cy  a2200000n  4500", "marc21", "holdings"),
    ],
)
def test_the_leader_tells_authorities_and_holdings(leader: str, dialect: str, kind: str) -> None:
    record = Record(leader, (field("040", a="DLC"), field("852", a="x"), field("008", a="")))
    (back,) = accepted(record.to_iso2709())
    assert (back.dialect, back.kind) == (dialect, kind)


def test_a_unimarc_authority_is_not_taken_for_holdings() -> None:
    fields = (field("100", a="20230101achiy50      ea"), field("200", " 0", a="鲁迅"))
    (back,) = accepted(Record("00000nx  a2200000   45  ", fields).to_iso2709())
    assert (back.dialect, back.kind) == ("cnmarc", "authority")


def test_what_the_leader_says_of_the_charset_is_only_a_hint() -> None:
    raw = a_marc21(title="中国图书馆史 /").to_iso2709()
    text = raw[24:].decode()
    lie = raw[:9] + b"a" + raw[10:24] + text.encode("gb18030")
    (outcome,) = outcomes(lie)
    assert isinstance(outcome, Accepted)
    assert outcome.record.first("245", "a") == "中国图书馆史 /"
    assert codes(outcome) & {"charset", "charset-guess"}
    silent = raw[:9] + b" " + raw[10:]
    assert accepted(silent)[0].first("245", "a") == "中国图书馆史 /"


def test_a_charset_given_by_the_caller_wins() -> None:
    raw = a_marc21(title="Caf\u00e9 /").to_iso2709().replace("é".encode(), b"\xe9", 1)
    (record,) = accepted(raw, charset="latin1")
    assert record.first("245", "a") == "Café /"


def test_undecodable_bytes_are_named_by_field_and_subfield() -> None:
    (outcome,) = outcomes("utf8_with_bad_bytes.marc")
    assert isinstance(outcome, Accepted)
    (flaw,) = outcome.warnings
    assert (flaw.code, flaw.tag, flaw.subfield) == ("character", "245", "a")
    assert "245$a" in flaw.message


def test_noise_in_no_charset_is_refused_rather_than_guessed() -> None:
    noise = bytes([0x81, 0xFF, 0x80, 0xFE, 0xFF, 0xFF, 0x80]) * 20
    raw = a_marc21(title="X" * len(noise)).to_iso2709().replace(b"X" * len(noise), noise)
    (outcome,) = outcomes(raw)
    assert isinstance(outcome, Refused)
    assert outcome.code == "undecodable"
