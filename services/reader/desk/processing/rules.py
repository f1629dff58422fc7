"""Which barcode may be given, from whom the fee is asked, and how a label is laid out."""

from __future__ import annotations

import re
from typing import Any

from barcode import get

from services.reader.desk.items.model import Circulation, Custodian, Item, Stock
from shared.i18n import N_, pick
from shared.refusals import Reason, Refusal

# A patron who spoiled the barcode pays for the new one.
FEE_FEN = 100
MOST_LABELS = 240
PER_SHEET = 24
# Marks that fit on a spine label in its size of letters.
SPINE = 10
SHAPE = re.compile(r"[0-9A-Z][0-9A-Z\-./]{2,29}")
LETTERS = {"serial": "P", "audio": "D", "video": "D", "disc": "D"}


class NotToRelabel(Refusal):
    """The book cannot be in the hands of who wants to put a barcode on it."""

    code = "not-to-relabel"
    message = N_("现在不能更换条码")


class BarcodeUsed(Refusal):
    """A barcode names one item for ever."""

    code = "barcode-used"
    message = N_("条码 {barcode} 已属于《{title}》，条码永不重用")


class BadBarcode(Refusal):
    """Not something a scanner would read from a label."""

    code = "bad-barcode"
    status = 422
    message = N_("条码“{barcode}”不合规定：3–30 位数字或大写字母")


class FontsMissing(Refusal):
    """The files a label is drawn with come with the front-end files."""

    code = "fonts-missing"
    status = 503
    message = N_("标签字体没有安装，请技术部重新生成前端文件")


class TooManyLabels(Refusal):
    """One print run has an end."""

    code = "too-many-labels"
    status = 422
    message = N_("一次最多打印 {most} 张标签，请分批")


def not_in_hand(item: Item) -> list[Reason]:
    """Every reason why this book does not get a barcode at the desk now."""
    why = []
    if item.stock is Stock.withdrawn:
        why.append(Reason("item-withdrawn", N_("该册已剔除注销")))
    if item.custodian is not Custodian.reader:
        why.append(Reason("item-elsewhere", N_("该册在资源建设部手里")))
    if item.circulation in {Circulation.lost, Circulation.missing}:
        why.append(Reason("item-not-here", N_("该册不在馆内，请先办理找回或归还")))
    return why


def check_in_hand(item: Item) -> None:
    """Refuse what cannot be in the hands of who asks."""
    if why := not_in_hand(item):
        raise NotToRelabel(why)


def check_shape(code: str) -> str:
    """The barcode as scanned, or a refusal."""
    if not SHAPE.fullmatch(code):
        raise BadBarcode(barcode=code[:40])
    return code


def letter_of(kind: str) -> str:
    """The kind letter of a barcode we number ourselves."""
    return LETTERS.get(kind, "A")


def spine_lines(call_number: str) -> list[str]:
    """A call number broken as it is read on a spine: at its strokes and blanks, long parts once more."""
    lines: list[str] = []
    for part in re.split(r"[/\s]+", call_number.strip()):
        lines += [part[at:at + SPINE] for at in range(0, len(part), SPINE)]
    return lines[:5]


def bars(code: str) -> str:
    """Code 128 of a barcode as a drawing without size; quiet zones of ten modules at both ends."""
    pattern = get("code128", code).build()[0]
    strokes = "".join(
        f"M{found.start() + 10} 0h{len(found.group())}v1h-{len(found.group())}z"
        for found in re.finditer("1+", pattern)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(pattern) + 20} 1" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{strokes}"/></svg>'
    )


def label(item: Item) -> dict[str, Any]:
    """What stands on an item's label."""
    return {
        "spine": spine_lines(item.call_number), "barcode": item.barcode, "bars": bars(item.barcode),
        "title": item.title, "volume": item.volume, "copy": item.copy_no,
        "location": pick(item.location_name, item.location_name_en) or item.location,
    }
