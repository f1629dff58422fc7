"""Blank records to begin with: book, serial, thesis and disc in both dialects, with what every such record says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.resources.cataloguing.marc.dialects import CNMARC, MARC21
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.marc.rows import Row
from shared.i18n import N_


class Blank(NamedTuple):
    """A kind of record: type and level of its leader, and the lines it begins with (`tag|ind1|ind2|text`)."""

    name: str
    type: str
    level: str
    coded: str
    lines: tuple[str, ...]


_CN = ("101|0||$achi", "102|||$aCN$b110000")
_CN_END = ("606|0||$a", "690|||$a$v5", "701||0|$a$4", "801||0|$aCN$b{agency}$c{today}")
_21 = ("040|||$a{agency}$beng$c{agency}",)
BLANKS: Mapping[tuple[str, str], Blank] = {
    (CNMARC, "book"): Blank(N_("图书"), "a", "m", "d", (
        "010|||$a$b平装$dCNY", *_CN, "105|||$ay   z   000yy", "106|||$ar", "200|1||$a$f", "205|||$a第1版", "210|||$a$c$d",
        "215|||$a页$d21cm", "330|||$a", *_CN_END,
    )),
    (CNMARC, "serial"): Blank(N_("期刊"), "a", "s", "a", (
        "011|||$a$dCNY", *_CN, "110|||$aafa  ||0xx0", "106|||$ar", "200|1||$a$f", "207||0|$a", "210|||$a$c$d", "215|||$a册$d26cm",
        "326|||$a月刊", "606|0||$a", "690|||$a$v5", "711|0|2|$a$4主办", "801||0|$aCN$b{agency}$c{today}",
    )),
    (CNMARC, "thesis"): Blank(N_("学位论文"), "a", "m", "d", (
        *_CN, "105|||$ay   m   000yy", "106|||$ar", "200|1||$a$b学位论文$f", "210|||$a$d", "215|||$a页$d29cm", "300|||$a学位论文",
        "328|0||$a", "330|||$a", *_CN_END, "702||0|$a$4指导",
    )),
    (CNMARC, "disc"): Blank(N_("光盘"), "l", "m", "d", (
        "010|||$a$dCNY", *_CN, "135|||$avoaa ", "200|1||$a$b电子资源$f", "210|||$a$c$d", "215|||$a1光盘$d12cm", "230|||$a",
        "300|||$a", "337|||$a", *_CN_END,
    )),
    (MARC21, "book"): Blank(N_("图书"), "a", "m", "s", (
        "020|||$a", *_21, "082|0|4|$a", "084|||$a$2clc", "100|1||$a", "245|1|0|$a$c", "264||1|$a$b$c", "300|||$apages ;$ccm",
        "336|||$atext$btxt$2rdacontent", "337|||$aunmediated$bn$2rdamedia", "338|||$avolume$bnc$2rdacarrier", "520|||$a", "650||0|$a",
    )),
    (MARC21, "serial"): Blank(N_("期刊"), "a", "s", "c", (
        "022|||$a", *_21, "084|||$a$2clc", "245|0|0|$a", "264||1|$a$b$c", "300|||$avolumes ;$ccm", "310|||$aMonthly",
        "336|||$atext$btxt$2rdacontent", "337|||$aunmediated$bn$2rdamedia", "338|||$avolume$bnc$2rdacarrier", "362|1||$a", "650||0|$a",
        "710|2||$a",
    )),
    (MARC21, "thesis"): Blank(N_("学位论文"), "a", "m", "s", (
        *_21, "084|||$a$2clc", "100|1||$a$eauthor.", "245|1|0|$a$c", "264||0|$a$c", "300|||$aleaves ;$c29 cm",
        "336|||$atext$btxt$2rdacontent", "337|||$aunmediated$bn$2rdamedia", "338|||$avolume$bnc$2rdacarrier", "502|||$b$c$d",
        "520|||$a", "650||0|$a", "700|1||$a$ethesis advisor.",
    )),
    (MARC21, "disc"): Blank(N_("光盘"), "m", "m", "s", (
        "020|||$a", *_21, "084|||$a$2clc", "245|0|0|$a", "264||1|$a$b$c", "300|||$a1 computer disc ;$c12 cm",
        "336|||$acomputer program$bcop$2rdacontent", "337|||$acomputer$bc$2rdamedia", "338|||$acomputer disc$bcd$2rdacarrier",
        "520|||$a", "538|||$a", "650||0|$a",
    )),
}
# 008/18-34 of each kind.
_CODED_21 = {
    "book": "           000 0 ", "thesis": "      m    000 0 ", "serial": "mr p       0    0", "disc": "     q  i        ",
}


def rows_of(dialect: str, kind: str, *, today: date, agency: str) -> tuple[str, list[Row]]:
    """Leader and lines of a new record; the catalogue number comes with the first save."""
    blank = BLANKS[dialect, kind]
    stamp = f"{today:%Y%m%d}"
    lines = [Row(*line.format(agency=agency, today=stamp).split("|", 3)) for line in blank.lines]
    year = str(today.year)
    dates = year + ("9999" if blank.level == "s" else "    ")
    if dialect == MARC21:
        data = f"{stamp[2:]}{blank.coded}{dates}cc {_CODED_21[kind]}eng d"
        return f"00000n{blank.type}{blank.level} a2200000 i 4500", [Row("008", text=data), *lines]
    data = f"{stamp}{blank.coded}{dates}em y0chiy50      ea"
    return f"00000n{blank.type}{blank.level}0 2200000   450 ", sorted(
        [Row("100", text=f"$a{data}"), *lines], key=lambda row: row.tag
    )


def shell(dialect: str, leader: str, number: str) -> Record:
    """A record that has a number and nothing else."""
    return Record(leader, (Field("001", "", (), number),), dialect)

