"""MARC 21 records described in our words, with the Han script of their 880 fields."""

from __future__ import annotations

from services.resources.cataloguing.marc.callnumbers import is_clc
from services.resources.cataloguing.marc.description import Author, OtherTitle, Projection
from services.resources.cataloguing.marc.isbn import Isbn, isbn13, issn
from services.resources.cataloguing.marc.prices import price_fen
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.marc.wording import distinct, trimmed, unbracketed, year_in

NAMES = ("100", "110", "111", "700", "710", "711", "720")
HEADINGS = {"authority": ("100", "110", "111", "130", "150", "151", "155")}
NOTES = (
    *("500", "501", "502", "504", "505", "506", "508", "511", "515"),
    *("521", "530", "533", "534", "538", "546", "550", "580", "588"),
)
SUBJECTS = ("600", "610", "611", "630", "650", "651", "653", "655")
MATERIALS = {
    **dict.fromkeys("cd", "score"),
    **dict.fromkeys("ef", "map"),
    "g": "video",
    **dict.fromkeys("ij", "audio"),
    "k": "image",
    "m": "electronic",
    **dict.fromkeys("opr", "mixed"),
}
KINDS = {"00": "person", "10": "body", "11": "meeting"}
CLC_SOURCES = frozenset({"clc", "cclc", "ztf", "zgtsf", "ztflh"})


def project_marc21(record: Record) -> Projection:
    """Describe a MARC 21 record."""
    coded = record.first("008")
    heading = _heading(record)
    imprint = _imprint(record)
    vernacular = _vernacular(record)
    date = imprint.first("c").strip()
    price = record.first("020", "c") or record.first("022", "c")
    return Projection(
        dialect=record.dialect,
        kind=record.kind,
        material=material(record, coded),
        control_number=(record.first("001") or record.first("001", "a")).strip(),
        source=(record.first("003") or record.first("040", "a")).strip(),
        agency=record.first("040", "a").strip(),
        title=trimmed(heading.first("a") or heading.first("kpnf")),
        title_rest=_rest(heading),
        title_vernacular=_vernacular_title(vernacular),
        part_number=trimmed(heading.joined("n")) if heading.first("a") else "",
        part_name=trimmed(heading.joined("p")) if heading.first("a") else "",
        other_titles=_other_titles(record, heading, vernacular),
        responsibility=trimmed(heading.first("c")),
        authors=tuple(_authors(record, vernacular)),
        place=unbracketed(imprint.first("a")),
        publisher=unbracketed(imprint.first("b")),
        date=trimmed(date),
        year=year_in(coded[7:11] if coded[7:11].isdigit() else "", date),
        edition=trimmed(record.first("250", "a")),
        extent=_extent(record),
        series=distinct(map(_series, record.of("490") or record.of("440", "830"))),
        host=trimmed(record.first("773", "t")),
        isbns=tuple(_isbns(record)),
        issns=distinct(issn(value) for value in record.all("022", "a")),
        languages=_languages(record, coded),
        country=coded[15:18].strip(),
        subjects=distinct(map(_subject, record.of(*SUBJECTS))),
        clc=_clc(record),
        lcc=distinct(field.joined("ab") for field in record.of("050", "090")),
        ddc=distinct(field.first("a").replace("/", "") for field in record.of("082", "092")),
        other_classes=distinct(
            field.first("a") for field in record.of("060", "070", "080", "086", "084")
        ),
        call_number=call_number(record),
        summary=" ".join(record.all("520", "a")).strip(),
        notes=distinct(value.strip() for tag in NOTES for value in record.all(tag, "a")),
        frequency=trimmed(record.first("310", "a")),
        numbering=trimmed(record.first("362", "a")),
        addresses=distinct(record.all("856", "u")),
        price_text=price.strip(),
        price_fen=price_fen(price),
    )


def material(record: Record, coded: str = "") -> str:
    """What kind of thing it is, from leader, 007 and 008."""
    kind, level = record.leader[6:7], record.leader[7:8]
    if kind in "at" and level in ("b", "s", "i"):
        return "serial"
    if kind in "at" and (coded[23:24] in ("o", "q", "s") or record.first("007").startswith("cr")):
        return "electronic"
    return MATERIALS.get(kind, "book")


def call_number(record: Record) -> str:
    """The call number of the copy at hand (852, 949, 999), else the class of the agency."""
    for field in record.of("852"):
        if text := field.joined("khijm").strip():
            return text
    for field in record.of("952", "949", "999"):
        code = "o" if field.tag == "952" else "a"
        held = field.first("p" if field.tag == "952" else "i")
        if held and (text := field.first(code).strip()):
            return text
    for field in record.of("090", "050", "084", "082"):
        if text := field.joined("ab").strip():
            return text
    return ""


def _heading(record: Record) -> Field:
    """The title field, or the heading that stands in its place in an authority record."""
    tags = ("245", *HEADINGS.get(record.kind, ()))
    return next(iter(record.of(*tags)), Field("245"))


def _imprint(record: Record) -> Field:
    """The publication statement: 264 with indicator 1 before 260 before other 264s."""
    produced = record.of("264")
    published = [field for field in produced if field.indicators[1:2] == "1"]
    return next(iter([*published, *record.of("260"), *produced]), Field("260"))


def _rest(heading: Field) -> str:
    parts = [value for value in heading.all("b") if not value.lstrip().startswith("=")]
    return trimmed(" ".join(parts).partition(" = ")[0])


def _vernacular(record: Record) -> dict[str, Field]:
    """880 fields by what they are linked to (`245-01`); unlinked ones by tag alone."""
    found: dict[str, Field] = {}
    for field in record.of("880"):
        link = field.first("6")[:6]
        key = link[:3] if link[4:6] in ("", "00") else link
        found.setdefault(key, field)
    return found


def _twin(field: Field, vernacular: dict[str, Field]) -> Field | None:
    return vernacular.get(f"{field.tag}-{field.first('6')[4:6]}")


def _vernacular_title(vernacular: dict[str, Field]) -> str:
    field = next((field for key, field in vernacular.items() if key.startswith("245")), None)
    return trimmed(field.joined("abnp")) if field else ""


def _other_titles(
    record: Record, heading: Field, vernacular: dict[str, Field]
) -> tuple[OtherTitle, ...]:
    found = []
    for value in heading.all("b"):
        before, equals, after = value.partition("=")
        if equals and (not before.strip() or before.endswith(" ")):
            found.append(OtherTitle("parallel", trimmed(after)))
    found += [OtherTitle("uniform", trimmed(f.joined("anp"))) for f in record.of("130", "240")]
    for field in record.of("246"):
        kind = "parallel" if field.indicators[1:2] == "1" else "variant"
        found.append(OtherTitle(kind, trimmed(field.joined("abnp"))))
    found += [OtherTitle("variant", trimmed(f.joined("anp"))) for f in record.of("740", "242")]
    found += [OtherTitle("former", trimmed(f.joined("abnp"))) for f in record.of("247")]
    found += [OtherTitle("former", trimmed(f.first("ta"))) for f in record.of("780")]
    found += [OtherTitle("later", trimmed(f.first("ta"))) for f in record.of("785")]
    for key, field in vernacular.items():
        if key[:3] in ("245", "246", "240", "130", "740"):
            found.append(OtherTitle("vernacular", trimmed(field.joined("abnp"))))
    return tuple(title for title in dict.fromkeys(found) if title.text)


def _authors(record: Record, vernacular: dict[str, Field]) -> list[Author]:
    found = []
    for field in record.of(*NAMES):
        if field.first("t"):  # a work by somebody contained in this one
            continue
        codes = "aq" if field.tag[1:] == "00" else "abnp"
        if name := trimmed(field.joined("abc" if codes == "aq" else codes)):
            twin = _twin(field, vernacular)
            found.append(
                Author(
                    name=name,
                    role=trimmed(field.joined("e", ", ")) or field.first("4"),
                    dates=trimmed(field.first("d")),
                    kind=KINDS.get(field.tag[1:], "person"),
                    primary=field.tag[0] == "1",
                    other_form=trimmed(twin.joined("ab")) if twin else "",
                )
            )
    return list(dict.fromkeys(found))


def _isbns(record: Record) -> list[Isbn]:
    found = []
    for field in record.of("020"):
        for raw in field.all("a"):
            note = field.joined("q") or raw.partition("(")[2].rstrip(" ):;")
            found.append(Isbn(raw.strip(), isbn13(raw), trimmed(note)))
    return list(dict.fromkeys(number for number in found if number.raw))


def _languages(record: Record, coded: str) -> tuple[str, ...]:
    codes = [coded[35:38]] if coded[35:38].isalpha() else []
    for value in record.all("041", "a"):
        # Older records string several codes together.
        codes += [value[place : place + 3] for place in range(0, len(value) - 2, 3)]
    return distinct(code.lower() for code in codes if code.isalpha())


def _clc(record: Record) -> tuple[str, ...]:
    marked = [f.first("a") for f in record.of("084") if f.first("2").lower() in CLC_SOURCES]
    local = record.all("093", "a") + record.all("905", "d")
    return distinct(value.strip() for value in marked + [v for v in local if is_clc(v)])


def _series(field: Field) -> str:
    name = trimmed(field.joined("anp"))
    volume = trimmed(field.first("v"))
    return f"{name} ; {volume}" if name and volume else name


def _subject(field: Field) -> str:
    main = field.joined("abcd" if field.tag[:2] == "60" else "ab")
    parts = [trimmed(main), *(trimmed(value) for value in field.all("xyzv"))]
    return "--".join(filter(None, parts))


def _extent(record: Record) -> str:
    field = next(iter(record.of("300")), Field("300"))
    return trimmed(field.joined("abce"))
