"""What may happen to a damage slip, who has the book at each stage, and when a repair holds."""

from __future__ import annotations

from datetime import datetime

from services.reader.desk.condition.model import (
    OPEN,
    DamageKind,
    Grade,
    Inspection,
    InspectionState,
    Slip,
    SlipState,
)
from shared.i18n import N_
from shared.refusals import NotFound, Refusal, SamePerson
from shared.states import step

NUMBERS = "PS"
MAX_FAILS = 2
PHOTO_MB = 8
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}

S = SlipState
LIFE: dict[tuple[SlipState, str], SlipState] = {
    (S.to_mend, "mend"): S.mending,
    (S.to_mend, "finish"): S.re_inspection,
    (S.mending, "finish"): S.re_inspection,
    (S.to_mend, "regrade"): S.to_workshop,
    (S.mending, "regrade"): S.to_workshop,
    (S.to_mend, "withdraw"): S.withdrawn,
    (S.mending, "withdraw"): S.withdrawn,
    (S.to_workshop, "withdraw"): S.withdrawn,
    (S.to_workshop, "take"): S.in_repair,
    (S.withdrawn, "take"): S.in_repair,
    (S.to_workshop, "come_back"): S.re_inspection,
    (S.in_repair, "come_back"): S.re_inspection,
    (S.re_inspection, "pass"): S.passed,
    (S.re_inspection, "fail"): S.to_workshop,
    (S.re_inspection, "condemn"): S.irreparable,
    (S.to_mend, "condemn"): S.irreparable,
    (S.mending, "condemn"): S.irreparable,
    (S.to_workshop, "condemn"): S.irreparable,
    (S.in_repair, "condemn"): S.irreparable,
    (S.irreparable, "keep"): S.re_inspection,
    (S.irreparable, "weed"): S.weeded,
    (S.to_mend, "weed"): S.weeded,
    (S.mending, "weed"): S.weeded,
    (S.to_workshop, "weed"): S.weeded,
    (S.in_repair, "weed"): S.weeded,
    (S.re_inspection, "weed"): S.weeded,
}

FIRST: dict[Grade, SlipState] = {
    Grade.light: S.to_mend, Grade.medium: S.to_workshop, Grade.heavy: S.irreparable,
}

HOLDER: dict[SlipState, str] = {
    S.to_mend: N_("借还台"), S.mending: N_("借还台"), S.to_workshop: N_("借还台，待工场取走"),
    S.in_repair: N_("文印中心"), S.re_inspection: N_("借还台"), S.passed: N_("书架"),
    S.withdrawn: N_("书架"), S.irreparable: N_("资源建设部，剔旧待审"), S.weeded: N_("已出藏"),
}

CHECKS: dict[str, str] = {
    "pages": N_("书页齐全"), "spine": N_("书脊牢固"), "label": N_("书标清楚"), "barcode": N_("条码可读"),
    "strip": N_("磁条有效"), "stamp": N_("馆藏章清晰"),
}


class AlreadyReported(Refusal):
    """There is an open slip for this item."""

    code = "damage-already-reported"
    message = N_("该册已有破损单 {slip}（{state}）")


class UnknownSlip(NotFound):
    """No damage slip bears this number."""

    code = "unknown-slip"
    message = N_("没有破损单 {what}")


class UnknownInspection(NotFound):
    """No such re-inspection."""

    code = "unknown-inspection"
    message = N_("没有这项回验")


class AlreadyDecided(Refusal):
    """A colleague was quicker."""

    code = "inspection-already-decided"
    message = N_("这项回验已由 {by} 办结")


class NotAPhoto(Refusal):
    """Only pictures are kept with a slip."""

    code = "not-a-photo"
    status = 422
    message = N_("只能上传 JPEG、PNG 或 WebP 照片")


def move(slip: Slip, action: str, now: datetime) -> None:
    """Move the slip and start the clock of its new stage."""
    enter(slip, step(LIFE, slip.state, action), now)


def may(slip: Slip, action: str) -> bool:
    """Whether the table provides for it."""
    return (slip.state, action) in LIFE


def enter(slip: Slip, state: SlipState, now: datetime) -> None:
    """The slip stands in `state` since `now`."""
    slip.state, slip.moved_at = state, now
    slip.stages = {**(slip.stages or {}), state.value: now.isoformat()}


def is_open(slip: Slip) -> bool:
    """Whether somebody still has to do something."""
    return slip.state.value in OPEN


def decide(inspection: Inspection, slip: Slip, *, passed: bool, by: str, now: datetime) -> None:
    """Pass or fail; whoever mended the book does not judge it."""
    if inspection.state is not InspectionState.waiting:
        raise AlreadyDecided(by=inspection.decided_by)
    if by in {inspection.mended_by, slip.mended_by} - {""}:
        raise SamePerson
    inspection.state = InspectionState.passed if passed else InspectionState.failed
    inspection.decided_by, inspection.decided_at = by, now
    if not passed:
        slip.fails += 1


def holds_no_more(slip: Slip) -> bool:
    """Whether repairs have failed often enough to give up."""
    return slip.fails >= MAX_FAILS


def photo_type(data: bytes) -> str:
    """What kind of picture the bytes really are, or `NotAPhoto`; the name given is not trusted."""
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise NotAPhoto


def shorthand(text: str) -> tuple[DamageKind, Grade] | None:
    """`sound`, a grade, a kind, or `kind:grade`, as a returns desk or a machine may send it."""
    word = text.strip().lower()
    if word in {"", "sound", "ok", "good"}:
        return None
    kind, _colon, grade = word.partition(":")
    if kind in set(Grade):
        return DamageKind.other, Grade(kind)
    chosen = DamageKind(kind) if kind in set(DamageKind) else DamageKind.other
    return chosen, Grade(grade) if grade in set(Grade) else Grade.medium
