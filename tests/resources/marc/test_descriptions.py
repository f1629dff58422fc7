"""What the records say, in the same words for CNMARC and MARC 21."""

from __future__ import annotations

import pytest

from services.resources.cataloguing.marc.description import Author, OtherTitle
from services.resources.cataloguing.marc.matching import completeness, match_keys
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Field, Record
from tests.resources.marc.sample import a_cnmarc, a_marc21, accepted, field


def test_a_chinese_monograph_is_described() -> None:
    work = project(
        a_cnmarc(field("225", "2 ", a="图书馆学丛书", v="3"), field("330", a="概述馆藏。"))
    )
    assert (work.title, work.title_rest) == ("馆藏发展纲要", "理论与实践")
    assert work.responsibility == "张三, 李四著"
    assert work.authors == (Author("张三", "著", primary=True, other_form="zhang san"),)
    assert (work.place, work.publisher, work.year) == ("北京", "国家图书馆出版社", 2023)
    assert work.extent == "320页 : 图 ; 24cm"
    assert (work.isbn, work.price_fen) == ("9787501356416", 6800)
    assert (work.language, work.country, work.material) == ("chi", "CN", "book")
    assert (work.clc, work.subjects) == (("G253",), ("藏书建设-研究-中国",))
    assert (work.series, work.summary) == (("图书馆学丛书 ; 3",), "概述馆藏。")
    assert OtherTitle("pinyin", "guan cang fa zhan gang yao") in work.other_titles
    assert work.full_title == "馆藏发展纲要 : 理论与实践"


def test_an_english_monograph_is_described_without_its_punctuation() -> None:
    work = project(
        a_marc21(
            field("246", "31", a="Bibliotheken /"), field("490", "1 ", a="Studies ;", v="v. 2.")
        )
    )
    assert (work.title, work.responsibility) == ("Libraries and their readers", "Jane Doe")
    assert work.authors == (Author("Doe, Jane", dates="1970-", primary=True),)
    assert (work.place, work.publisher, work.year) == ("New York", "Reader Press", 2023)
    assert (work.source, work.control_number) == ("OCoLC", "ocm12345")
    assert (work.language, work.lcc, work.call_number) == (
        "eng",
        ("Z665 .L53 2023",),
        "Z665 .L53 2023",
    )
    assert work.subjects == ("Libraries--China--History",)
    assert (work.series, work.isbns[0].note) == (("Studies ; v. 2",), "pbk")
    assert OtherTitle("parallel", "Bibliotheken") in work.other_titles


def test_han_script_of_880_fields_is_found_by_its_link() -> None:
    han = (
        field("880", "10", _6="245-02/$1", a="图书馆与读者 /", c="杜简著."),
        field("880", "1 ", _6="100-01/$1", a="杜简,", d="1970-"),
    )
    plain = a_marc21(*han)
    linked = [
        Field(f.tag, f.indicators, (("6", "880-01"), *f.subfields)) if f.tag == "100" else f
        for f in plain.fields
    ]
    work = project(plain.with_fields(linked))
    assert work.title_vernacular == "图书馆与读者"
    assert work.authors[0].other_form == "杜简"
    assert OtherTitle("vernacular", "图书馆与读者") in work.other_titles


def test_real_chinese_records_are_described_and_complete() -> None:
    for record in accepted("bnu-cnmarc.gbk.iso"):
        work = project(record)
        assert work.title.endswith("中国发展报告")
        assert (work.publisher, work.call_number, work.clc[0]) == (
            "中国统计出版社",
            "F124/26",
            "F124",
        )
        assert work.isbn.startswith("9787503")
        assert work.price_fen
        assert completeness(work) == []


def test_an_italian_unimarc_record_loses_its_sorting_marks() -> None:
    record = Record(
        "00000nam0 2200000   450 ",
        (
            field("100", a="20140514d2014    ||||0itac50      ba"),
            field("200", "1 ", a="\x98Lo \x9cStato innovatore"),
            field("700", " 1", a="Mazzucato", b=", Mariana", _9="CFIV263398"),
        ),
        "unimarc",
    )
    work = project(record)
    assert work.title == "Lo Stato innovatore"
    assert work.authors == (Author("Mazzucato, Mariana", primary=True),)


def test_serials_are_told_from_books() -> None:
    works = [project(record) for record in accepted("serials-905.mrc")]
    assert {work.material for work in works} == {"serial"}
    assert all(work.title for work in works)
    assert sum(bool(work.issns) for work in works) >= 12


def test_embedded_fields_of_a_set_give_its_title() -> None:
    embedded = Field(
        "461", " 0", (("1", "001000123"), ("1", "2001 "), ("a", "鲁迅全集"), ("v", "3"))
    )
    assert project(a_cnmarc(embedded)).host == "鲁迅全集"
    assert project(a_cnmarc(field("461", " 0", t="鲁迅全集"))).host == "鲁迅全集"


def test_the_same_edition_shares_a_key_whatever_its_numbers_look_like() -> None:
    one = a_cnmarc()
    other = one.with_fields(
        field("010", a="7-5013-5641-6")
        if f.tag == "010"
        else Field("001", "", (), "B9")
        if f.tag == "001"
        else f
        for f in one.fields
    )
    shared = set(match_keys(project(one))) & set(match_keys(project(other)))
    assert shared == {"isbn:9787501356416|馆藏发展纲要||2023"}


@pytest.mark.parametrize(
    ("one", "other"), [("第3卷", "卷3"), ("v. 03", "Vol. 3"), ("第３卷", "3"), ("上册", "上册")]
)
def test_volumes_match_by_their_number(one: str, other: str) -> None:
    def keys(part: str) -> set[str]:
        record = a_cnmarc()
        named = [
            Field(f.tag, f.indicators, (*f.subfields, ("h", part))) if f.tag == "200" else f
            for f in record.fields
        ]
        return {k for k in match_keys(project(record.with_fields(named))) if k.startswith("isbn:")}

    assert keys(one) == keys(other) != keys("第4卷")


def test_works_without_numbers_match_by_title_author_and_publisher() -> None:
    bare = [f for f in a_cnmarc().fields if f.tag not in ("010", "001")]
    work = project(a_cnmarc().with_fields(bare))
    assert match_keys(work) == ("title:馆藏发展纲要||2023|张三|国家图书馆出版社",)


@pytest.mark.parametrize(
    ("tag", "missing"),
    [
        ("200", ["title"]),
        ("010", ["number"]),
        ("101", ["language"]),
        ("210", ["imprint"]),
        ("690", ["class"]),
        ("801", ["agency"]),
        ("215", []),
    ],
)
def test_release_needs_the_required_elements(tag: str, missing: list[str]) -> None:
    left = [f for f in a_cnmarc().fields if f.tag != tag]
    assert completeness(project(a_cnmarc().with_fields(left))) == missing


def test_a_note_stands_in_for_a_missing_number() -> None:
    left = [f for f in a_cnmarc(field("300", a="无书号")).fields if f.tag != "010"]
    assert completeness(project(a_cnmarc().with_fields(left))) == []
