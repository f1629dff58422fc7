"""Files and small hand-made records that the tests of this folder share."""

from __future__ import annotations

import io
from pathlib import Path

from services.resources.cataloguing.marc.limits import DEFAULT, Limits
from services.resources.cataloguing.marc.outcome import Accepted, Outcome, Refused
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.marc.record import Field, Record

FILES = Path(__file__).parent / "files"
CODED = "20240105d2023    em y0chiy50      ea"


def outcomes(source: bytes | str, limits: Limits = DEFAULT, **options: str) -> list[Outcome]:
    """Everything read from bytes or from a file of the folder."""
    raw = (FILES / source).read_bytes() if isinstance(source, str) else source
    return list(read(io.BytesIO(raw), limits=limits, **options))


def accepted(source: bytes | str, limits: Limits = DEFAULT, **options: str) -> list[Record]:
    """The records of a source in which nothing may be refused."""
    found = outcomes(source, limits, **options)
    assert not [o.message for o in found if isinstance(o, Refused)]
    return [o.record for o in found if isinstance(o, Accepted)]


def codes(outcome: Outcome) -> set[str]:
    """What was wrong with one record."""
    if isinstance(outcome, Refused):
        return {outcome.code}
    return {flaw.code for flaw in outcome.warnings}


def field(tag: str, marks: str = "  ", **values: str) -> Field:
    """A field from letters and values; a digit subfield is written `_9=…`."""
    return Field(tag, marks, tuple((code.lstrip("_"), value) for code, value in values.items()))


def a_cnmarc(*extra: Field, title: str = "馆藏发展纲要") -> Record:
    """A complete Chinese monograph."""
    return Record(
        "00000nam0 2200000   450 ",
        (
            Field("001", "", (), "012024000001"),
            field("010", a="978-7-5013-5641-6", d="CNY68.00"),
            field("100", a=CODED),
            field("101", "0 ", a="chi"),
            field("102", a="CN", b="110000"),
            field(
                "200",
                "1 ",
                a=title,
                A="guan cang fa zhan gang yao",
                e="理论与实践",
                f="张三, 李四著",
            ),
            field("210", a="北京", c="国家图书馆出版社", d="2023"),
            field("215", a="320页", c="图", d="24cm"),
            field("606", "0 ", a="藏书建设", x="研究", y="中国"),
            field("690", a="G253", v="5"),
            field("701", " 0", a="张三", A="zhang san", _4="著"),
            field("801", " 0", a="CN", b="GW", c="20240105"),
            *extra,
        ),
        "cnmarc",
    )


def a_marc21(*extra: Field, title: str = "Libraries and their readers /") -> Record:
    """A small MARC 21 monograph."""
    return Record(
        "00000nam a2200000 a 4500",
        (
            Field("001", "", (), "ocm12345"),
            Field("003", "", (), "OCoLC"),
            Field("008", "", (), "230105s2023    nyu           000 0 eng d"),
            field("020", a="9780306406157 (pbk.)"),
            field("040", a="DLC", c="DLC"),
            field("050", "00", a="Z665", b=".L53 2023"),
            field("100", "1 ", a="Doe, Jane,", d="1970-"),
            field("245", "10", a=title, c="Jane Doe."),
            field("260", a="New York :", b="Reader Press,", c="c2023."),
            field("300", a="xi, 200 p. ;", c="24 cm."),
            field("650", " 0", a="Libraries", z="China", x="History."),
            *extra,
        ),
        "marc21",
    )
