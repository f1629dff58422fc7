"""The items a record tells of, in the layouts that systems really write.

CNMARC: 905 (one a copy with $b, or one a library), 906 and 935 of Beijing Normal University.
MARC 21: 852 with 876 and 866, Koha's 952, and the 949/999 of Sirsi and its kin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.from_unimarc import call_number as unimarc_call_number
from services.resources.cataloguing.marc.prices import price_fen
from services.resources.cataloguing.marc.record import Field, Record

MOST_IN_A_RANGE = 200
_RANGE = re.compile(r"^(.*?)([0-9]+)\s*[-~－—～〜]\s*([0-9]+)$")


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A copy as the record tells of it, before it becomes an item of ours."""

    barcode: str = ""
    location: str = ""
    call_number: str = ""
    copy: str = ""
    volume: str = ""
    price_fen: int | None = None
    note: str = ""


def items(record: Record) -> list[ItemDraft]:
    """The copies, each barcode once; a holding without barcodes counts as one copy."""
    found = _marc21(record) if record.dialect == MARC21 else _unimarc(record)
    known: dict[str, ItemDraft] = {}
    bare = []
    for draft in found:
        if draft.barcode:
            known.setdefault(draft.barcode, draft)
        else:
            bare.append(draft)
    return list(known.values()) or bare


def barcodes_in(text: str) -> list[str]:
    """The barcodes of a field; `1683011-3` means three copies that end in 1, 2 and 3."""
    plain = text.strip()
    match = _RANGE.match(plain)
    if not match:
        return [plain] if plain else []
    stem, first, last = match.groups()
    if len(last) > len(first):
        return [plain]
    end = int(first[: len(first) - len(last)] + last)
    count = end - int(first) + 1
    if not 1 < count <= MOST_IN_A_RANGE:
        return [plain]
    return [f"{stem}{number:0{len(first)}d}" for number in range(int(first), end + 1)]


def _unimarc(record: Record) -> Iterable[ItemDraft]:
    whole = unimarc_call_number(record)
    listed = record.of("905", "906", "935")
    for field in listed:
        for barcode in (code for value in field.all("b") for code in barcodes_in(value)):
            yield ItemDraft(
                barcode=barcode,
                location=field.first("c") if field.tag == "905" else "",
                call_number=field.first("s") or _class_and_book(field) or whole,
                copy=field.first("f") if field.tag == "905" else "",
                volume=field.first("v"),
                price_fen=price_fen(field.first("r"), local=True),
                note=field.first("n"),
            )
    for field in record.of("905"):
        if not field.first("b"):
            yield ItemDraft(
                location=field.first("c"),
                call_number=field.first("s") or _class_and_book(field) or whole,
                volume=field.first("v"),
            )


def _class_and_book(field: Field) -> str:
    class_mark, book = field.first("d").strip(), field.first("e").strip()
    return f"{class_mark}/{book}" if class_mark and book else ""


def _marc21(record: Record) -> Iterable[ItemDraft]:
    shelved = [(field, _from_852(field)) for field in record.of("852")]
    pieces = [field for field in record.of("876", "877", "878") if field.first("p")]
    for piece in pieces:
        yield _from_876(piece, shelved)
    if not pieces:
        for field, draft in shelved:
            for barcode in field.all("p") or [""]:
                yield replace(draft, barcode=barcode.strip(), volume=_textual(record, field))
    for field in record.of("952"):
        if field.first("p") and (field.first("a") or field.first("o") or field.first("y")):
            yield _from_952(field)
    for field in record.of("949", "999"):
        if field.first("i") and (field.first("a") or field.first("lm")):
            yield _from_949(field)


def _from_852(field: Field) -> ItemDraft:
    return ItemDraft(
        location=field.first("b") or field.first("c") or field.first("a"),
        call_number=field.joined("khijm"),
        copy=field.first("t"),
        price_fen=price_fen(field.first("9"), local=True),
        note=" ".join(field.all("z")),
    )


def _textual(record: Record, holding: Field) -> str:
    """What 866 says is held, when it belongs to this holding by its number."""
    mark = holding.first("0") or holding.first("8")
    if not mark:
        return ""
    return "; ".join(
        field.joined("a")
        for field in record.of("866")
        if mark in (field.first("0"), field.first("8")) and field.first("a")
    )


def _from_876(piece: Field, shelved: list[tuple[Field, ItemDraft]]) -> ItemDraft:
    """An item of 876, on the shelf of the 852 it names by $0 or link number."""
    marks = {piece.first("0"), piece.first("8").partition(".")[0]} - {""}
    home = next(
        (
            draft
            for field, draft in shelved
            if marks & {field.first("0"), field.first("8").partition(".")[0]}
        ),
        shelved[0][1] if shelved else ItemDraft(),
    )
    return replace(
        home,
        barcode=piece.first("p").strip(),
        copy=piece.first("t") or home.copy,
        volume=piece.first("3"),
        price_fen=price_fen(piece.first("c"), local=True),
        note=" ".join(piece.all("z")) or home.note,
    )


def _from_952(field: Field) -> ItemDraft:
    return ItemDraft(
        barcode=field.first("p").strip(),
        location=field.first("c") or field.first("b") or field.first("a"),
        call_number=field.first("o").strip(),
        copy=field.first("t"),
        volume=field.first("h"),
        price_fen=price_fen(field.first("g") or field.first("v"), local=True),
        note=" ".join(field.all("z")),
    )


def _from_949(field: Field) -> ItemDraft:
    return ItemDraft(
        barcode=field.first("i").strip(),
        location=field.first("l") or field.first("m"),
        call_number=re.sub(r"\s+", " ", field.first("a")).strip(),
        copy=field.first("c"),
        volume=field.first("v"),
        price_fen=price_fen(field.first("p"), local=True),
        note=" ".join(field.all("z")),
    )
