"""What may be asked, how it is worded in CQL, where we may go, and what of a foreign record is not ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.record import Record
from shared.i18n import N_
from shared.refusals import Refusal

SEEKERS = ("RES-MGT", "RES-ACQ")
READERS = ("RES", "head-resources", "director")
KEEPERS = ("RES-MGT", "head-resources")
WANTED = 20
MOST_TARGETS = 10
LARGEST = 8 << 20
SEARCHES_KEPT_DAYS = 30
FIELDS: Mapping[str, str] = {
    "isbn": N_("ISBN / ISSN"), "title": N_("题名"), "author": N_("责任者"), "any": N_("任意词"),
}
# Shelf marks, barcodes and items of the other library.
THEIRS = {MARC21: re.compile(r"9..|59.|85[2-5]|86[3-8]|87[678]"), "": re.compile(r"9..|852")}


Z3950 = "z3950"
SCHEMES = ("http", "https", Z3950)


class Described(Protocol):
    """A target as far as a request needs it."""

    url: str
    protocol: Any
    record_schema: str
    title_index: str
    author_index: str
    isbn_index: str
    any_index: str


class NothingAsked(Refusal):
    """A search needs a word and a place."""

    code = "copying.nothing-asked"
    status = 422
    message = N_("请至少填一项检索内容")


class NoTarget(Refusal):
    """A search needs somewhere to look."""

    code = "copying.no-target"
    status = 422
    message = N_("请至少选一个套录目标")


class BadAddress(Refusal):
    """An address we would not go to."""

    code = "copying.bad-address"
    status = 422
    message = N_("地址须以 http:// 或 https:// 开头（Z39.50 为 z3950://主机:端口/库名），不带用户名、问号和井号")


class AlreadyHeld(Refusal):
    """The catalogue has it."""

    code = "copying.already-held"
    message = N_("馆内已有这条记录：{record}，没有重复建立")


class NotTaken(Refusal):
    """The record could not be read into the catalogue."""

    code = "copying.not-taken"
    status = 422
    message = N_("这条记录不能转入：{reason}")


class Unreachable(Exception):
    """Why a target gave no records; `code` is one of `FAILURES`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


FAILURES: Mapping[str, str] = {
    "timeout": N_("{seconds} 秒内没有答复"), "no-connection": N_("连接不上"), "private": N_("地址属于内部网络，未获准访问"),
    "redirect": N_("对方要求转到别的地址，没有跟去"), "status": N_("对方答复 HTTP {status}"),
    "too-large": N_("答复超过 {mb} MB，已停止接收"), "bad-xml": N_("答复不是可读的 XML"),
    "diagnostic": N_("对方说明：{text}"), "no-index": N_("该目标没有可用于此项的检索点"),
    "not-admitted": N_("对方不接受连接：{text}"), "bad-answer": N_("答复不合 Z39.50 协议"), "cut-off": N_("对方中途断开"),
    "unreadable": N_("{count} 条记录读不出来，已略去"),
}


def checked_address(url: str) -> str:
    """The address of a target, or `BadAddress`."""
    plain = url.strip()
    try:
        parts = urlsplit(plain)
        sound = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        sound = None
    if not sound or "@" in plain or "?" in plain or "#" in plain or re.search(r"[\s\x00-\x1f\\]", plain):
        raise BadAddress
    return plain


def bare_number(typed: str) -> str:
    """A standard number without the dashes and blanks people type into it."""
    return re.sub(r"[\s‐‑–-]", "", typed)


def question(target: Described, asked: Mapping[str, str]) -> str:
    """The CQL of what was typed, in the target's names; `Unreachable` when it has none for it."""
    names = {"isbn": target.isbn_index, "title": target.title_index, "author": target.author_index, "any": target.any_index}
    parts = []
    for field in FIELDS:
        if not (typed := asked.get(field, "").strip()):
            continue
        if not names[field]:
            raise Unreachable("no-index")
        if field == "isbn":
            typed, relation = bare_number(typed), "="
        else:
            relation = "all"
        quoted = re.sub(r'([\\"*?^])', r"\\\1", typed)
        parts.append(f'{names[field]} {relation} "{quoted}"')
    return " and ".join(parts)


def address(target: Described, query: str) -> str:
    """The whole request."""
    version = getattr(target.protocol, "value", target.protocol)
    pairs: list[tuple[str, str]] = [] if version == "2.0" else [("operation", "searchRetrieve"), ("version", version)]
    pairs += [("query", query), ("maximumRecords", str(WANTED))]
    if target.record_schema:
        pairs.append(("recordSchema", target.record_schema))
    return f"{target.url}?{urlencode(pairs)}"


def typed(form: Mapping[str, Any]) -> dict[str, str]:
    """What was asked, cut to what a query takes."""
    found = {field: re.sub(r"[\x00-\x1f]", " ", str(form.get(field, ""))).strip()[:120] for field in FIELDS}
    return {field: text for field, text in found.items() if text}


def ours(record: Record) -> Record:
    """The record without the other library's holdings: its barcodes are not ours to give out."""
    theirs = THEIRS[MARC21] if record.dialect == MARC21 else THEIRS[""]
    return record.with_fields(field for field in record.fields if not theirs.fullmatch(field.tag))


def merged(lists: Iterable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One list of all targets' records: turn by turn, one edition's records together, the fullest first."""
    rows = [list(one) for one in lists]
    editions: dict[str, list[dict[str, Any]]] = {}
    for turn in range(max(map(len, rows), default=0)):
        for one in rows:
            if turn < len(one):
                editions.setdefault(one[turn]["edition"], []).append(one[turn])
    found = [row for group in editions.values() for row in sorted(group, key=lambda row: len(row["lacks"]))]
    for place, row in enumerate(found):
        row["place"] = place
    return found
