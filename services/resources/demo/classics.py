"""Chinese classics as CNMARC, made from the facts of a public catalogue and invented copies."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pypinyin import lazy_pinyin

from services.resources.cataloguing.marc.record import Field, Record
from services.resources.demo.classing import period_of, reign_in, rule_for
from services.resources.demo.copies import LIBRARY, Copy, Shelves, chance

NAMES = Path(__file__).with_name("names.tsv")
TITLE = re.compile(r"[\u3400-\u9fff]{2,14}")
NOBODY = {"", "Anonymous", "Unknown", "Various"}
UNSUITABLE = {"金瓶梅", "肉蒲團", "殺子報"}
CLC_EDITION = "5"
ENTERED = "20260105"


class Work(NamedTuple):
    """What the source says of a work."""

    number: str
    title: str
    author: str
    romanised: str
    dates: str
    subjects: str


def works(catalogue: Path) -> Iterator[Work]:
    """Chinese works of the catalogue whose author is known to us or to nobody, each title once."""
    names = dict(line.split("\t") for line in NAMES.read_text("utf-8").splitlines())
    seen = set(UNSUITABLE)
    with gzip.open(catalogue) as packed:
        for row in csv.DictReader(io.TextIOWrapper(packed, "utf-8")):
            title = row["title"].split("\n")[0].strip()
            if row["language"] != "zh" or not TITLE.fullmatch(title) or title in seen:
                continue
            person = row["authors"].split(" | ")[0]
            plain, _, dates = person.partition(" [")
            author = names.get(person) or names.get(plain) or ""
            if (author or person in NOBODY) and row["lcsh"] and "rotic" not in row["lcsh"]:
                seen.add(title)
                yield Work(
                    row["gutenberg_id"], title, author, plain, _life(plain, dates), row["lcsh"]
                )


def record_of(work: Work, shelves: Shelves) -> Record | None:
    """The work as a complete CNMARC record with its copies, or None if it cannot be classed."""
    rule = rule_for(work.title, work.author, work.subjects)
    if rule is None:
        return None
    book = str(shelves.book_number(rule.class_mark))
    copies = shelves.chinese(work.title, rule.class_mark)
    year = str(2008 + chance(work.title, 16))
    period = period_of(work.subjects)
    reign = _reign(work, period)
    said = f"({reign}){work.author}著" if reign else f"{work.author or '佚名'}著"
    fields = [
        Field("001", "", (), f"GW{int(work.number):08d}"),
        Field("005", "", (), f"{ENTERED}090000.0"),
        _field("010", b="平装", d=copies[0].price),
        _field("100", a=f"{ENTERED}d{year}    em y0chiy50      ea"),
        _field("101", "0 ", a="chi"),
        _field("102", a="CN"),
        _field("105", a="y   z   000yy"),
        _field("106", a="r"),
        _field("200", "1 ", a=work.title, A=" ".join(lazy_pinyin(work.title)), f=said),
        _field("210", a="[出版地不详]", c="馆务通示范印本", d=year),
        _field("215", a="1册", d="21cm"),
        _field("300", a="示范数据：题名与责任者取自公共目录，出版、馆藏与价格为虚构。"),
        _subject(rule.subject, rule.form, period),
        _field("690", a=rule.class_mark, v=CLC_EDITION),
        *_authors(work, reign),
        _field("801", " 0", a="CN", b=LIBRARY, c=ENTERED),
        *(held(copy, rule.class_mark, book) for copy in copies),
    ]
    return Record("00000nam0 2200000   450 ", tuple(fields), "cnmarc")


def held(copy: Copy, class_mark: str, book: str) -> Field:
    """A 905 of ours: library, barcode, place, class, book number, copy, price, call number."""
    return _field(
        "905",
        a=LIBRARY,
        b=copy.barcode,
        c=copy.location,
        d=class_mark,
        e=book,
        f=str(copy.number),
        r=copy.price,
        s=f"{class_mark}/{book}",
    )


def _reign(work: Work, period: str) -> str:
    """The dynasty of the author by year of death, else by the literature the work is of."""
    if not work.author:
        return ""
    if years := re.fullmatch(r"(前?\d*)-(前?)(\d+)", work.dates):
        return reign_in(-int(years[3]) if years[2] else int(years[3]))
    return period[0] if period in ("唐代", "宋代", "元代", "明代", "清代") else ""


def _authors(work: Work, reign: str) -> Iterator[Field]:
    if work.author:
        values = {"a": work.author, "A": work.romanised}
        if reign:
            values["c"] = f"({reign})"
        if work.dates:
            values["f"] = work.dates
        yield Field("701", " 0", (*values.items(), ("4", "著")))


def _subject(main: str, form: str, period: str) -> Field:
    values = {"a": main, "x": form, "y": "中国"}
    if form == "中国":
        values = {"a": main, "y": "中国"}
    if period and period != form:
        values["z"] = period
    return Field("606", "0 ", tuple(values.items()))


def _life(name: str, dates: str) -> str:
    """Life dates of the source, years before our era written as such."""
    span = dates.rstrip("]")
    if "active" in name or not span:
        return ""
    born, _, died = span.partition("-") if not span.startswith("-") else ("", "", "")
    if span.startswith("-"):
        parts = re.fullmatch(r"(-\d+)?-(-?\d+)?", span)
        born, died = (parts[1] or "", parts[2] or "") if parts else ("", "")
    said = [f"前{year[1:]}" if year.startswith("-") else year for year in (born, died)]
    return "-".join(said) if any(said) else ""


def _field(tag: str, marks: str = "  ", **values: str) -> Field:
    return Field(tag, marks, tuple(values.items()))
