"""What an import may do, and how it says what happened to a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.cataloguing.imports.model import JobState
from services.resources.cataloguing.marc.charsets import named
from services.resources.cataloguing.marc.outcome import FLAWS, REFUSALS
from services.resources.cataloguing.marc.record import Record
from shared.i18n import N_, _
from shared.refusals import Refusal

S = JobState
LIFE: Mapping[tuple[JobState, str], JobState] = {
    (S.uploaded, "start"): S.reading,
    (S.uploaded, "stop"): S.stopped,
    (S.reading, "finish"): S.done,
    (S.reading, "stop"): S.stopped,
    (S.reading, "fail"): S.failed,
    (S.stopped, "start"): S.reading,
    (S.failed, "start"): S.reading,
}
IMPORTERS = ("RES-MGT", "RES-ACQ")
READERS = ("RES", "head-resources", "director")
BATCH = 200
BATCH_BYTES = 4 << 20
PREVIEW = 20
RAW_KEPT = 64 * 1024
LARGEST_MB = 700
# A reader that has been silent for so long is taken for dead, and another goes on.
LEASE_SECONDS = 30
CHARSETS: Mapping[str, str] = {
    "auto": N_("自动识别"), "utf-8": "UTF-8", "gb18030": "GBK / GB18030", "marc-8": "MARC-8", "latin-1": "Latin-1",
}
DIALECTS: Mapping[str, str] = {"auto": N_("自动识别"), "cnmarc": "CNMARC", "unimarc": "UNIMARC", "marc21": "MARC 21"}

NOTES: Mapping[str, str] = {
    **FLAWS, **REFUSALS,
    "same-record": N_("与馆内 {record} 是同一条记录"),
    "same-work": N_("与馆内 {record} 的书号、题名、卷次、年份相同"),
    "twice-in-file": N_("与本文件中另一条记录重复"),
    "holdings-record": N_("这是馆藏记录，须随书目记录一并导入"),
    "authority": N_("规范记录，已收入规范档"),
    "authority-known": N_("规范档中已有这条记录"),
    "authority-same": N_("规范档中 {record} 的标目与它相同"),
    "authority-near": N_("与规范档中 {record} 可能是同一个"),
    "authority-mute": N_("规范记录没有可用的标目，没有收入"),
    "barcode-taken": N_("条码 {barcode} 已被占用，该册未建"),
    "barcode-bad": N_("条码“{barcode}”不合规定，该册未建"),
    "no-location": N_("馆藏地“{location}”未登记，该册改放 {default}"),
    "no-place": N_("馆藏地“{location}”未登记，也没有指定默认馆藏地，该册未建"),
    "no-barcode": N_("{count} 册没有条码，未建单册"),
    "numbered": N_("已为没有条码的单册配号 {barcode}"),
    "not-projected": N_("记录内容无法解析，原文已保留"),
    "not-stored": N_("数据库未能收下这条记录，原文已保留"),
}


class FileTooLarge(Refusal):
    """Larger files go in parts."""

    code = "import.file-too-large"
    status = 413
    message = N_("文件超过 {limit} MB，请分割后导入")


class EmptyFile(Refusal):
    """Nothing was in the file."""

    code = "import.empty-file"
    status = 422
    message = N_("文件“{name}”是空的，没有可导入的内容")


class UnknownChoice(Refusal):
    """A charset or dialect we do not read."""

    code = "import.unknown-choice"
    status = 422
    message = N_("不认识的选项：{value}")


class NoFile(Refusal):
    """A form without a file."""

    code = "import.no-file"
    status = 422
    message = N_("请选择要导入的文件")


def checked(charset: str, dialect: str) -> tuple[str, str]:
    """The choices as the reader takes them, or `UnknownChoice`."""
    charset, dialect = named(charset) if charset.strip() else "auto", dialect.strip().lower() or "auto"
    for value, known in ((charset, CHARSETS), (dialect, DIALECTS)):
        if value not in known:
            raise UnknownChoice(value=value[:40])
    return charset, dialect


def plain_name(given: str) -> str:
    """The file's own name without the folders some browsers send along."""
    return given.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "").strip()[:200] or "upload"


def note(code: str, tag: str = "", subfield: str = "", /, **params: Any) -> dict[str, Any]:
    """A remark on a record as it is stored: code and places, so that it can be said in any language."""
    return {"code": code, "params": {"tag": tag, "subfield": subfield, **{k: _plain(v) for k, v in params.items()}}}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else str(value)


def said(remark: Mapping[str, Any]) -> str:
    """The remark as a sentence."""
    text = NOTES.get(remark["code"], remark["code"])
    try:
        return _(text, **remark.get("params", {}))
    except (KeyError, IndexError):
        return _(text)


def heading(record: Record) -> str:
    """The heading of an authority record, of either family."""
    for tag in ("100", "110", "111", "130", "150", "151", "155", "200", "210", "215", "230", "250", "280"):
        for field in record.of(tag):
            if field.subfields:
                return " ".join(value for code, value in field.subfields if code not in "0256789")[:500]
    return record.first("001") or "—"
