"""The life of an item as resources see it, and what a new item must have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.resources.cataloguing.items.model import ItemLife
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal

CATALOGUERS = ("RES-MGT", "RES-ACQ")
S = ItemLife
LIFE: Mapping[tuple[ItemLife, str], ItemLife] = {
    (S.in_process, "release"): S.in_stock,
    (S.in_process, "hand_over"): S.in_handover,
    (S.in_handover, "accept"): S.in_stock,
    (S.in_handover, "come_back"): S.in_process,
    (S.in_stock, "propose"): S.candidate,
    (S.candidate, "keep"): S.in_stock,
    (S.candidate, "withdraw"): S.withdrawn,
    (S.in_stock, "lose"): S.lost,
    (S.lost, "recover"): S.in_stock,
    (S.lost, "replace"): S.replaced,
    (S.in_stock, "replace"): S.replaced,
    (S.lost, "propose"): S.candidate,
    (S.replaced, "propose"): S.candidate,
    (S.replaced, "readmit"): S.in_stock,
    (S.withdrawn, "readmit"): S.in_stock,
}
# What nobody can fetch any more; a title is not kept alive by these.
# What asks every item is done while the page waits up to here (some seconds), and beside it above.
AT_ONCE = 100_000
GONE = (S.withdrawn, S.lost, S.replaced)
# Barcodes of other systems are kept as they are, so only the alphabet and the length are checked.
BARCODE = re.compile(r"[0-9A-Z][0-9A-Z\-./]{2,29}")


# What lies with a book and is lent apart from it.
DISC = "disc"
MOST_PIECES = 30
# Barcodes we number ourselves start above those of the first stock.
FIRST_SERIAL = 500_000
LETTERS: Mapping[str, str] = {"serial": "P", "audio": "D", "video": "D", DISC: "D"}


def letter_of(material: str) -> str:
    """The kind letter of a barcode for this material."""
    return LETTERS.get(material, "A")


class BarcodeTaken(Refusal):
    """A barcode names one item for ever."""

    code = "item.barcode-taken"
    message = N_("条码 {barcode} 已属于《{title}》，条码永不重用")


class BadBarcode(Refusal):
    """Not something a scanner would read from one of our labels."""

    code = "item.bad-barcode"
    status = 422
    message = N_("条码“{barcode}”不合规定：3–30 位数字或大写字母")


class NoLongerStock(Refusal):
    """What was withdrawn is history."""

    code = "item.withdrawn"
    message = N_("单册 {barcode} 已剔除，不能再改")


class NotABook(Refusal):
    """A disc lies with a book, not with a disc."""

    code = "item.not-a-book"
    status = 422
    message = N_("{barcode} 本身是光盘，请从它所属的图书加随书光盘")


class BookGone(Refusal):
    """Nobody can fetch the book, so nothing is laid with it."""

    code = "item.book-gone"
    message = N_("{barcode} 现为“{state}”，不能再加随书光盘")


class UnknownLocation(Refusal):
    """Items stand in places the house has."""

    code = "item.unknown-location"
    status = 422
    message = N_("没有馆藏地“{location}”，请先登记")


def clean_barcode(text: str) -> str:
    """Upper case without blanks; refuses what is no barcode."""
    barcode = re.sub(r"\s+", "", text).upper()
    if not BARCODE.fullmatch(barcode):
        raise BadBarcode(barcode=text[:40])
    return barcode


def check_pieces(pieces: int) -> int:
    """How many discs a case can hold."""
    if not 1 <= pieces <= MOST_PIECES:
        raise Invalid({"pieces": _(N_("张数须在 1 到 {most} 之间"), most=MOST_PIECES)})
    return pieces


def filled(copies: int, volumes: int) -> int | None:
    """Per cent of what a place holds; None where nobody measured it."""
    return copies * 100 // volumes if volumes > 0 else None
