"""What an import may do, and how it says what happened to a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.cataloguing.imports.model import JobState
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
BATCH = 200
PREVIEW = 20
RAW_KEPT = 64 * 1024
LARGEST_MB = 700

NOTES: Mapping[str, str] = {
    **FLAWS, **REFUSALS,
    "same-record": N_("与馆内 {record} 是同一条记录"),
    "same-work": N_("与馆内 {record} 的书号、题名、卷次、年份相同"),
    "twice-in-file": N_("与本文件中另一条记录重复"),
    "holdings-record": N_("这是馆藏记录，须随书目记录一并导入"),
    "authority": N_("规范记录，已收入规范档"),
    "authority-known": N_("规范档中已有这条记录"),
    "barcode-taken": N_("条码 {barcode} 已被占用，该册未建"),
    "barcode-bad": N_("条码“{barcode}”不合规定，该册未建"),
    "no-location": N_("馆藏地“{location}”未登记，该册改放 {default}"),
    "no-place": N_("馆藏地“{location}”未登记，也没有指定默认馆藏地，该册未建"),
    "no-barcode": N_("{count} 册没有条码，未建单册"),
    "numbered": N_("已为没有条码的单册配号 {barcode}"),
}


class FileTooLarge(Refusal):
    """Larger files go in parts."""

    code = "import.file-too-large"
    status = 413
    message = N_("文件超过 {limit} MB，请分割后导入")


class NoFile(Refusal):
    """A form without a file."""

    code = "import.no-file"
    status = 422
    message = N_("请选择要导入的文件")


def note(code: str, tag: str = "", subfield: str = "", **params: Any) -> dict[str, Any]:
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
