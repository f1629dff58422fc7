"""An authority as a MARC record of either family, and back."""

from __future__ import annotations

from datetime import datetime

from services.resources.cataloguing.authorities.model import Kind, Sort
from services.resources.cataloguing.authorities.rules import LONGEST, Form, Told
from services.resources.cataloguing.marc import headings
from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.headings import CN_OWN, M21_OWN, MEETING
from services.resources.cataloguing.marc.record import Field, Record
from shared.settings import LOCAL

# $5 (CNMARC) and $w (MARC 21) of a see-also, first position.
_SORTS = {"g": Sort.broader, "h": Sort.narrower, "a": Sort.earlier, "b": Sort.later}
_MARKS = {sort: mark for mark, sort in _SORTS.items()}
_NOTES = {MARC21: ("667", "678", "680"), "cnmarc": ("300", "330", "830")}
_SOURCES = {MARC21: ("670", "a"), "cnmarc": ("810", "a")}


def own_kind(field: Field, dialect: str) -> str:
    """What a heading, see-from or see-also field of an authority record is of."""
    kind = (M21_OWN if dialect == MARC21 else CN_OWN).get(field.tag[1:], "")
    return MEETING if dialect != MARC21 and kind == "body" and field.indicators[:1] == "1" else kind


def read(record: Record) -> Told | None:
    """What an authority record says; None when it has no heading we know."""
    dialect = record.dialect
    first = "1" if dialect == MARC21 else "2"
    main: Form | None = None
    variants: list[Form] = []
    relations: list[tuple[str, Form]] = []
    for field in record.fields:
        kind = own_kind(field, dialect) if field.data is None and field.tag[:1] in (first, "4", "5") else ""
        parts = headings.parts_of(field, kind, dialect, subdivided=True) if kind else ()
        if not parts or parts[0][0] != "a" or not headings.bare(kind, parts):
            continue
        form = Form(kind, parts)
        if field.tag[0] == first:
            main = main or form
        elif field.tag[0] == "4":
            variants.append(form)
        else:
            relations.append((_SORTS.get(field.first("w" if dialect == MARC21 else "5")[:1], Sort.related).value, form))
    if main is None:
        return None
    family = dialect if dialect == MARC21 else "cnmarc"
    tag, code = _SOURCES[family]
    return Told(
        main, tuple(one for one in dict.fromkeys(variants) if one != main), tuple(dict.fromkeys(relations)),
        "；".join(filter(None, (text.strip() for text in record.all(tag, code))))[:LONGEST], number_of(record),
        "\n".join(text.strip() for one in _NOTES[family] for text in record.all(one, "a"))[:2_000],
    )


def number_of(record: Record) -> str:
    """Whose record it is and its number there, by which it is known again; empty without one."""
    number = (record.first("010", "a") if record.dialect == MARC21 else "") or record.first("001") or record.first("001", "a")
    owner = record.first("003") or record.first("040", "a") if record.dialect == MARC21 else record.first("801", "b")
    return " ".join(filter(None, (f"({owner.strip()})" if owner.strip() else "", number.strip())))[:60] if number.strip() else ""


def written(told: Told, number: str, *, dialect: str, changed: datetime, agency: str, provisional: bool) -> Record:
    """The authority as others take it."""
    marc21 = dialect == MARC21
    owns = {kind: tag for tag, kind in (M21_OWN if marc21 else CN_OWN).items()}
    owns.setdefault(MEETING, owns[Kind.body.value])
    stamp = changed.astimezone(LOCAL)
    fields = [Field("001", "", (), number), Field("003", "", (), agency), Field("005", "", (), f"{stamp:%Y%m%d%H%M%S}.0")]
    if marc21:
        level = "c" if provisional else "a"
        fields += [
            # Date, no geographic use, authority, other rules, thesaurus LC, used as name, subject, not series; then evaluation and level.
            Field("008", "", (), f"{stamp:%y%m%d}n| azannaabn{' ' * 11}a an{level}{' ' * 5}d"),
            Field("040", "  ", (("a", agency), ("b", "chi"), ("c", agency))),
        ]
    else:
        fields.append(Field("100", "  ", (("a", f"{stamp:%Y%m%d}{'c' if provisional else 'a'}chiy50      ea"),)))
        fields.append(Field("152", "  ", (("a", "CCR"),)))
    first = "1" if marc21 else "2"
    fields.append(headings.own_field(first + owns[told.form.kind], told.form.kind, told.form.parts, dialect))
    fields += [headings.own_field("4" + owns[one.kind], one.kind, one.parts, dialect) for one in told.variants]
    for sort, one in told.relations:
        mark = _MARKS.get(Sort(sort))
        more = (("w" if marc21 else "5", mark),) if mark else ()
        fields.append(headings.own_field("5" + owns[one.kind], one.kind, one.parts, dialect, more))
    if told.note:
        fields.append(Field("667" if marc21 else "830", "  ", (("a", " ".join(told.note.split())),)))
    if told.source:
        fields.append(Field("670" if marc21 else "810", "  ", (("a", told.source),)))
    if not marc21:
        fields.append(Field("801", " 0", (("a", "CN"), ("b", agency), ("c", f"{stamp:%Y%m%d}"))))
    if told.source_no:
        fields.append(Field("035", "  ", (("a", told.source_no),)))
    fields.sort(key=lambda one: one.tag)
    leader = "00000nz  a2200000n  4500" if marc21 else "00000nx  a2200000   45  "
    return Record(leader, tuple(fields), dialect, "authority")
