"""When newspapers and journals appear and how they count, by known titles and by real captions of MARC holdings.

covers: RDR-CIR-NWS-01 RDR-CIR-ACJ-01
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.reader.rooms.serials import form, rules
from services.reader.rooms.serials.captions import Unread, from_853, subfields
from services.reader.rooms.serials.model import SerialIssue, SerialTitle, Shelf, TitleKind
from services.reader.rooms.serials.numbering import Facts, Kind, Restart, Style, label, marc
from services.reader.rooms.serials.patterns import (
    Combination,
    Extra,
    Numbering,
    Pattern,
    as_json,
    from_json,
    predict,
    preview,
)
from services.reader.rooms.serials.recurrence import Frequency, Nth, Omission, Recurrence
from shared.i18n import speaking
from shared.refusals import Invalid

EVERGREEN = Path("/work/shared/data/marc/evergreen/serial.caption_and_pattern.tsv")
F = Frequency
# Facts of Evergreen's sample subscriptions: pattern code, first cover date, how many issues the first year brings.
DOUBLES = '["2","0","8",0,"a","v.","b","no.","u","10","v","r","i","(year)","j","(month)","w","m","y","cm01/02,07/08"]'
WEEKLY_BUT_ONE = '["2","0","8",0,"a","v.","b","no.","u","51","v","r","i","(year)","j","(month)","k","(day)","w","w","y","ow9912"]'
WORKDAYS = '["2","0","8",0,"a","v.","b","no.","u","249","v","r","i","(year)","j","(month)","k","(day)","w","d","y","odsa,su","y","ow0103mo,0203mo,0599mo,0603mo,0701mo,0901mo,1002mo,1104th","y","od,,"]'
ACROSS = '["2","0","8",0,"a","v.","b","no.","u","6","v","r","i","(year)","j","(month)","w","m","y","cm12/01,02/03,04/05,06/07,08/09,10/11"]'


def said(pattern: Pattern, until: date, since: date | None = None) -> list[str]:
    return [label(one.facts, pattern.style) for one in predict(pattern, until, since)]


def read(code: str, first: date) -> Pattern:
    return from_853(subfields(code), first)


def test_a_daily_newspaper_rests_over_the_spring_festival_and_counts_on() -> None:
    paper = Pattern(
        Recurrence(F.daily), date(2027, 2, 4), Omission(spans=("2027-02-06/2027-02-12",)),
        numbering=Numbering(None, Restart.never, whole=28_000), style=Style.day,
    )
    assert said(paper, date(2027, 2, 14)) == [
        "2027年2月4日（总第28000期）", "2027年2月5日（总第28001期）", "2027年2月13日（总第28002期）", "2027年2月14日（总第28003期）",
    ]


def test_a_weekly_follows_its_weekday_and_starts_the_year_with_a_double_number() -> None:
    weekly = Pattern(Recurrence(F.weekly), date(2026, 1, 5), combination=Combination(numbers=((1, 2),)))
    found = preview(weekly, 3)
    assert [(one.facts.day.weekday(), label(one.facts, weekly.style)) for one in found] == [
        (0, "2026年第1-2期合刊"), (0, "2026年第3期"), (0, "2026年第4期"),
    ]
    assert found[1].facts.day == date(2026, 1, 19), "the double number takes the place of two"


def test_a_monthly_with_a_double_summer_issue_an_index_and_a_running_number() -> None:
    journal = Pattern(
        Recurrence(F.monthly, days=(31,)), date(2026, 1, 31), combination=Combination(((7, 8),)),
        numbering=Numbering(1, Restart.volume, 12, 0, 317), style=Style.volume_number, extras=(Extra(12, "年度索引"),),
    )
    found = list(predict(journal, date(2027, 2, 28)))
    names = [label(one.facts, journal.style) for one in found]
    assert names[1] == "2026年第12卷第2期（总第318期）"
    assert found[1].facts.day == date(2026, 2, 28), "a month without a 31st ends earlier"
    assert names[6] == "2026年第12卷第7-8期合刊（总第323-324期）"
    assert marc(found[6].facts) == "v.12:no.7/8(2026:July/Aug.)"
    assert names[7:] == [
        "2026年第12卷第9期（总第325期）", "2026年第12卷第10期（总第326期）", "2026年第12卷第11期（总第327期）", "2026年增刊（年度索引）",
        "2026年第12卷第12期（总第328期）", "2027年第13卷第1期（总第329期）", "2027年第13卷第2期（总第330期）",
    ]
    with speaking("en"):
        assert "v.12" in label(found[0].facts, journal.style)
        assert label(found[10].facts, journal.style) == "Supplement 2026 (年度索引)"


def test_bimonthly_quarterly_semimonthly_ten_daily_annual() -> None:
    def days(rule: Recurrence, first: date, count: int) -> list[str]:
        return [f"{one.facts.day:%m-%d}" for one in preview(Pattern(rule, first), count)]

    assert days(Recurrence(F.bimonthly), date(2026, 2, 20), 3) == ["02-20", "04-20", "06-20"]
    assert days(Recurrence(F.quarterly), date(2026, 3, 1), 4) == ["03-01", "06-01", "09-01", "12-01"]
    assert days(Recurrence(F.semimonthly), date(2026, 1, 8), 3) == ["01-08", "01-23", "02-08"]
    assert days(Recurrence(F.ten_daily), date(2026, 1, 5), 4) == ["01-05", "01-15", "01-25", "02-05"]
    assert days(Recurrence(F.biweekly), date(2026, 1, 7), 3) == ["01-07", "01-21", "02-04"]
    assert preview(Pattern(Recurrence(F.irregular), date(2026, 1, 1))) == []
    bimonthly = Pattern(Recurrence(F.bimonthly), date(2026, 1, 1), numbering=Numbering(1, Restart.never, whole=201), style=Style.whole_only)
    assert said(bimonthly, date(2026, 3, 2)) == ["总第201期 (2026)", "总第202期 (2026)"]
    annual = Pattern(Recurrence(F.annual), date(2026, 10, 1), style=Style.year_only, numbering=Numbering(None))
    assert said(annual, date(2027, 12, 1)) == ["2026年卷", "2027年卷"]
    season = Pattern(Recurrence(F.quarterly), date(2026, 3, 1), style=Style.season, numbering=Numbering(None))
    assert said(season, date(2026, 12, 31))[1::2] == ["2026年夏季号", "2026年冬季号"]


def test_asking_twice_or_further_names_every_issue_alike() -> None:
    pattern = Pattern(Recurrence(F.weekly), date(2026, 1, 1), Omission(months=(8,)), numbering=Numbering(1, Restart.year, whole=900))
    short, long = list(predict(pattern, date(2026, 6, 1))), list(predict(pattern, date(2027, 6, 1)))
    assert long[:len(short)] == short
    assert list(predict(pattern, date(2027, 6, 1), date(2026, 9, 1))) == [one for one in long if one.facts.day >= date(2026, 9, 1)]
    assert not [one for one in long if one.facts.day.month == 8]
    assert len({one.slot for one in long}) == len(long)
    assert from_json(json.loads(json.dumps(as_json(pattern)))) == pattern


def test_captions_of_marc_holdings_are_read() -> None:
    doubled = read(DOUBLES, date(2022, 1, 1))
    year = list(predict(doubled, date(2023, 1, 1)))
    assert (len(year), marc(year[0].facts), marc(year[6].facts)) == (11, "v.1:no.1(2022:Jan./Feb.)", "v.1:no.7(2022:Sept.)")
    assert marc(year[10].facts) == "v.2:no.1(2023:Jan./Feb.)"
    across = list(predict(read(ACROSS, date(2021, 12, 1)), date(2022, 12, 1)))
    assert [marc(one.facts) for one in across][::6] == ["v.1:no.1(2021:Dec./Jan.)", "v.2:no.1(2022:Dec./Jan.)"]
    weekly = read(WEEKLY_BUT_ONE, date(2022, 1, 1))
    assert len(list(predict(weekly, date(2022, 12, 31)))) == 52, "53 Saturdays, and the last of December is left out"
    assert date(2022, 12, 31) not in [one.facts.day for one in predict(weekly, date(2022, 12, 31))]
    workdays = {one.facts.day for one in predict(read(WORKDAYS, date(2022, 1, 3)), date(2022, 12, 31))}
    holidays = {date(2022, 1, 17), date(2022, 2, 21), date(2022, 5, 30), date(2022, 6, 20), date(2022, 7, 4), date(2022, 9, 5), date(2022, 10, 10), date(2022, 11, 24)}
    assert not holidays & workdays
    assert len(workdays) == 260 - len(holidays)
    assert read("$a v. $b no. $u 6 $v r $w b", date(2026, 1, 1)).numbering.per_volume == 6
    with pytest.raises(Unread):
        read("$a v. $w q $y zz99", date(2026, 1, 1))
    with pytest.raises(Unread):
        subfields("nothing of the kind")


@pytest.mark.skipif(not EVERGREEN.exists(), reason="the sample data are not here")
def test_every_caption_of_the_sample_library_is_read_and_foreseen() -> None:
    codes = [line.split("\t")[7] for line in EVERGREEN.read_text().splitlines() if line[:1].isdigit()]
    assert len(codes) > 20
    for code in codes:
        pattern = read(code, date(2022, 1, 1))
        found = preview(pattern, 12)
        assert len(found) == 12, code
        assert form.parse(form.fill(pattern)) == pattern, code


def test_a_form_says_at_each_field_what_is_wrong_and_loses_nothing() -> None:
    with pytest.raises(Invalid) as refused:
        form.parse({"frequency": "monthly", "first": "soon", "days": "31, 32", "spans": "10-40", "joined_months": "7", "style": "volume_number", "extras": "13 x"})
    assert set(refused.value.errors) == {"first", "days", "spans", "joined_months", "volume", "extras"}
    with pytest.raises(Invalid) as empty:
        form.parse({})
    assert set(empty.value.errors) == {"frequency", "first"}
    typed = {
        "frequency": "daily", "first": "2026-01-01", "weekdays": ["0", "4"], "spans": "10-01/10-07\n2027-02-05", "nth": "5/99/1", "lag": "-2",
        "number": "", "style": "day", "restart": "never", "extras": "12-20 年度索引", "joined_numbers": "1/2", "double": True,
    }
    pattern = form.parse(typed)
    assert (pattern.lag, pattern.omission.nth, pattern.extras) == (-2, (Nth(5, 99, 0),), (Extra(12, "年度索引", day=20),))
    assert form.parse(form.fill(pattern)) == pattern


def test_a_scanner_reads_977_barcodes_with_their_add_on_and_an_issn_with_its_check_sign() -> None:
    assert rules.read_code("9771000013032 07") == rules.Scanned("1000-0135", add_on=7)
    assert rules.read_code("９".translate({ord("９"): "9"}) + "771000013032") == rules.Scanned("1000-0135")
    assert rules.read_code("1000-0135") == rules.Scanned("1000-0135")
    assert rules.read_code("1000-0136").issn == ""
    assert rules.issn("2434561x") == "2434-561X"
    assert rules.read_code(" 2-7 ") == rules.Scanned(other="2-7")


def issue(day: date, number: int | None = None, **more: object) -> SerialIssue:
    return SerialIssue(title_id="t", slot=day.isoformat(), issued_on=day, due_on=day, late_on=day, issue_no=number, style="year_number", label="", **more)


def test_a_scan_takes_the_issue_that_is_nearest_or_that_the_add_on_names() -> None:
    today = date(2026, 11, 27)
    months = [issue(date(2026, n, 15), n) for n in (9, 10, 11, 12)]
    assert rules.likeliest(months, today).issue_no == 11
    assert rules.likeliest(months, today, 9).issue_no == 9
    assert rules.likeliest(months, today, 12).issue_no == 12
    assert rules.likeliest([issue(today - timedelta(days=1)), issue(today)], today).due_on == today
    assert rules.likeliest([issue(date(2027, 6, 1))], today) is None


def test_old_issues_come_down_when_newer_ones_stand_there() -> None:
    today = date(2026, 11, 27)
    title = SerialTitle(id="t", number="BK", title="x", kind=TitleKind.magazine, from_on=today, made_at=None, made_by="", show_issues=2, show_days=30)
    old = [issue(today - timedelta(days=7 * n), shelf=Shelf.displayed, shown_on=today - timedelta(days=7 * n)) for n in (1, 2, 3)]
    new = issue(today)
    assert rules.surplus({"t": title}, old, [new], today) == [old[1], old[2]]
    assert rules.surplus({"t": title}, old, [], today) == [old[2]]
    alone = issue(today - timedelta(days=90), shelf=Shelf.displayed, shown_on=today - timedelta(days=90))
    assert rules.surplus({"t": title}, [alone], [], today) == [], "the newest stays, however old"


def test_tolerance_is_the_titles_or_follows_from_how_often_it_comes() -> None:
    def days(frequency: Frequency, **more: object) -> int:
        return rules.tolerance(SerialTitle(
            number="BK", title="x", kind=TitleKind.journal, from_on=date(2026, 1, 1), made_at=None, made_by="", frequency=frequency, **more,
        ))

    assert [days(F.daily), days(F.weekly), days(F.monthly), days(F.monthly, foreign=True), days(F.daily, tolerance_days=5)] == [1, 7, 20, 60, 5]
    assert rules.rack_key("a-2-10") > rules.rack_key("A-2-9")
    assert label(Facts(date(2026, 6, 1), Kind.special, caption="x"), Style.day) == "2026年专刊、特刊（x）"
