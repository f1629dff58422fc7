"""A record as lines and back, what is wrong with it, coded positions, the short form: nothing is lost on the way.

covers: RES-MGT-01
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.resources.cataloguing.editing import rules as editing
from services.resources.cataloguing.marc import blanks, fixed, rows, typed
from services.resources.cataloguing.marc.checking import HARD, SOFT, check, hard
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.marc.rows import Row
from services.resources.cataloguing.versions.rules import compare
from tests.resources.conftest import RECORDS


def demonstration(name: str) -> list[Record]:
    with (RECORDS / f"{name}.mrc").open("rb") as file:
        return [one.record for one in read(file) if isinstance(one, Accepted)]


EVERY = [*demonstration("bnu"), *demonstration("classics")[::20], *demonstration("foreign")[::5]]


def test_lines_give_every_field_back_exactly():
    for record in EVERY:
        lines = rows.rows_of(record)
        for field, row in zip(record.fields, lines, strict=True):
            assert rows.field_of(row) == field or any(not value.strip() or "\n" in value for _c, value in field.subfields)
        # As a browser sends text back; a line nobody changed is the very field of before.
        sent = [Row(*(part.replace("\n", "\r\n") for part in row)) for row in lines]
        assert rows.fields_of(sent, record.fields) == list(record.fields)


@pytest.mark.parametrize(("text", "pairs"), [
    ("$a活着$f余华著", (("a", "活着"), ("f", "余华著"))),
    ("‡aOne‡bTwo", (("a", "One"), ("b", "Two"))),
    ("$c$$25.00", (("c", "$25.00"),)),
    ("$a1$$", (("a", "1$"),)),
])
def test_dollar_signs_are_delimiters_unless_doubled(text: str, pairs: tuple[tuple[str, str], ...]):
    field = rows.field_of(Row("245", "1", "#", text))
    assert (field.indicators, field.subfields) == ("1 ", pairs)
    assert rows.field_of(rows.row_of(field)) == field


@pytest.mark.parametrize(("row", "code"), [
    (Row("20", "", "", "$a7"), "bad-tag"), (Row("245", "", "", "no sign"), "no-subfield"), (Row("245", "", "", "$"), "bad-code"),
    (Row("500", "", "", "$a" + "x" * 9_001), "too-long"), (Row("245", "", "", " "), "no-text"), (Row("中文字", "", "", "$a"), "bad-tag"),
])
def test_a_line_that_can_be_no_field_says_why(row: Row, code: str):
    assert rows.fault(row) == code


def test_demonstration_records_are_fit_and_what_is_missing_is_named():
    classics = demonstration("classics")
    assert not [one for record in classics for one in hard(check(record))]
    bare = classics[0].with_fields(one for one in classics[0].fields if one.tag not in ("010", "300", "101", "210", "690", "801"))
    assert {one.code for one in hard(check(bare))} == {
        "needs-number", "needs-language", "needs-imprint", "needs-class", "needs-agency",
    }
    assert {one.code for one in hard(check(bare.with_fields(one for one in bare.fields if one.tag != "200")))} >= {"needs-title"}
    # Real foreign records are mostly sound: the tables do not cry wolf.
    foreign = demonstration("foreign")
    assert sum(bool(hard(check(record))) for record in foreign) < len(foreign) // 10


def test_each_mistake_stands_at_its_line_with_its_weight():
    good = demonstration("bnu")[0]
    extra = [
        Field("200", "1 ", (("a", "again"),)), Field("101", "7 ", (("a", "chi"),)), Field("455", "  ", (("a", "x"),)),
        Field("210", "  ", (("q", "x"), ("a", ""))), Field("010", "  ", (("a", "7-5037-1744-1"),)), Field("490", "  ", (("a", "local"),)),
        Field("247", "  ", (("a", "x"),)), Field("205", "  ", (("a", "1"), ("a", "2"))), Field("101", "1 ", (("a", "Chinese"),)),
    ]
    start = len(good.fields)
    found = [(one.row - start, one.code, one.weight) for one in check(good.with_fields([*good.fields, *extra])) if one.row >= start]
    assert set(found) == {
        (0, "again", HARD), (1, "again", HARD), (1, "indicator", HARD), (3, "unknown-code", SOFT), (3, "empty-code", SOFT),
        (4, "isbn", SOFT), (6, "unknown-tag", SOFT), (7, "code-again", HARD), (8, "again", HARD), (8, "language", SOFT),
    }
    short = good.with_fields([Field("100", "  ", (("a", "20020204d1994"),)), *(one for one in good.fields if one.tag != "100")])
    assert ("length", HARD) in {(one.code, one.weight) for one in check(short)}
    other = typed.write(good, {"date": "1994"})
    assert "year" not in {one.code for one in check(other)}
    assert "year" in {one.code for one in check(fixed.put(good, "100", 9, "2001"))}


@pytest.mark.parametrize("key", blanks.BLANKS, ids="-".join)
def test_blanks_are_whole_records_to_begin_with(key: tuple[str, str]):
    leader, lines = blanks.rows_of(*key, today=date(2026, 11, 27), agency="GW")
    assert len(leader) == 24
    record = editing.Sheet(key[0], leader, tuple(lines)).record()
    assert not {one.code for one in check(record)} & {"length", "unknown-tag", "indicator", "unknown-code", "code-again", "again"}
    assert not editing.Sheet(key[0], leader, tuple(lines)).faults()
    assert all(value in {choice[0] for choice in place.choices} for place, value in fixed.form_of(record) if place.choices)
    assert (project(record).material, project(record).year) == ({"serial": "serial", "disc": "electronic"}.get(key[1], "book"), 2026)


def test_a_coded_position_changes_only_itself_and_beside_a_changed_line_both_count():
    for record in EVERY:
        for place, value in fixed.form_of(record):
            assert fixed.write(record, {place.id: value}, {place.id: value}) is record
    record = demonstration("classics")[0]
    sheet = editing.sheet_of(record, base=3)
    at = next(n for n, row in enumerate(sheet.rows) if row.tag == "100")
    changed = sheet.rows[at]._replace(text=sheet.rows[at].text.replace("2012", "2013"))
    lines = [*sheet.rows[:at], changed, *sheet.rows[at + 1 :]]
    form = {name: [getattr(row, name) for row in lines] for name in Row._fields} | {
        "leader": [sheet.leader], "base": ["3"], "fix-100-34": ["eb"], "fix-LDR-5": ["c"], "fix-100-9": ["2012"],
        **{f"was-{part}": [data] for part, data in editing.coded(sheet).items()},
    }
    got = editing.read(form, dialect="cnmarc", known=record.fields)
    data = got.record().first("100", "a")
    assert (data[9:13], data[34:36], got.leader[5], got.base) == ("2013", "eb", "c", 3)
    assert [one for one in got.record().fields if one.tag != "100"] == [one for one in record.fields if one.tag != "100"]


def test_lines_are_added_copied_moved_and_removed():
    sheet = editing.Sheet("cnmarc", " " * 24, (Row("1"), Row("2"), Row("3")))
    def tags(act: str) -> str:
        got = editing.act(sheet, act)
        assert got is not None
        return "".join(row.tag or "_" for row in got.rows)
    assert [tags(one) for one in ("add:0", "add:-1", "dup:1", "del:0", "up:2", "down:0", "up:0", "del:9")] == [
        "1_23", "_123", "1223", "23", "132", "213", "123", "123",
    ]
    assert editing.act(sheet, "save") is None
    broken = replace(sheet, rows=(Row("2x", text="never lost"),))
    with pytest.raises(editing.NotStorable):
        editing.storable(broken)


def test_the_short_form_writes_what_was_changed_and_nothing_else():
    for record in EVERY:
        assert typed.write(record, typed.read(record)) == record
    old = demonstration("bnu")[0]
    new = typed.write(old, {
        **typed.read(old), "title": "新题名", "date": "1995", "summary": "提要", "isbns": "7-5037-1744-0\n978-7-5633-6300-1",
        "persons": "李强 | 主编\n王五 | 编", "subjects": "",
    })
    assert new.of("200")[0].subfields == (("a", "新题名"), *old.of("200")[0].subfields[1:])
    assert (new.first("100", "a")[9:13], new.first("330", "a"), new.all("010", "a")) == (
        "1995", "提要", ["7-5037-1744-0", "978-7-5633-6300-1"],
    )
    assert [(f.first("a"), f.first("A"), f.first("4")) for f in new.of("701")] == [("李强", "Li Qiang", "主编"), ("王五", "", "编")]
    assert not new.of("606")
    kept = ("905", "909", "711", "801", "690", "215", "500")
    assert new.of(*kept) == old.of(*kept)
    foreign = next(one for one in demonstration("foreign") if one.first("245", "a").endswith(" /"))
    again = typed.write(foreign, {"title": "Another"})
    assert again.first("245", "a") == "Another /"
    assert {one.kind for one in compare(foreign, again)} == {"same", "changed"}


def test_a_comparison_sets_changed_fields_side_by_side():
    old = demonstration("bnu")[0]
    new = typed.write(old, {"title": "新", "summary": "提要", "edition": ""})
    told = [(one.kind, (one.new or one.old).tag) for one in compare(old, new) if one.kind != "same"]  # type: ignore[union-attr]
    assert told == [("changed", "200"), ("added", "330")]
    assert [one.kind for one in compare(new, old) if one.kind != "same"] == ["changed", "removed"]
