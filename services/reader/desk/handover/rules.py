"""By when a batch is counted, what a scan may change, and what stands against confirming it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from services.reader.desk.calendar.rules import ONE, after_open_days
from services.reader.desk.handover.model import (
    Handover,
    HandoverExtra,
    HandoverLine,
    HandoverState,
    Verdict,
)
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Refusal

WORKING_DAYS = 2
AHEAD = 40

S, V = HandoverState, Verdict
LIFE: Mapping[tuple[HandoverState, str], HandoverState] = {
    (S.waiting, "confirm"): S.confirmed,
    (S.waiting, "dispute"): S.disputed,
}
BACK = (V.missing, V.label_wrong, V.damaged)
# What a person may say of a book in the hand.
SCANNED = (V.ok, V.label_wrong, V.damaged)
JUDGED = (*SCANNED, V.expected)
NEXT = {
    "shelve": N_("已上架"), "hold_shelf": N_("放预约架"), "send_hold": N_("送取书点"), "send_home": N_("送回馆藏地"),
    "inspect": N_("送回验"), "repair": N_("送修补"), "transit": N_("转资源建设部"),
}


class UnknownHandover(NotFound):
    """No batch of this number came to us."""

    code = "unknown-handover"
    message = N_("没有交接单 {what}")


class Differs(Refusal):
    """The box is not as the list says: it cannot be confirmed, it can be disputed."""

    code = "handover-differs"
    message = N_("与清单不符，请按差异办理：{why}")

    def __str__(self) -> str:
        return _(self.message, why="；".join(str(r) for r in self.reasons[:5]))


class NothingDiffers(Refusal):
    """A dispute needs something to dispute."""

    code = "handover-agrees"
    message = N_("清点与清单相符，请直接确认接收")


class Done(Refusal):
    """The batch was confirmed or disputed meanwhile."""

    code = "handover-done"
    message = N_("交接单 {number} 已办完（{state}），不能再清点")


class CountedOtherwise(Refusal):
    """A colleague looked closer; a mere scan does not overrule that."""

    code = "counted-otherwise"
    message = N_("{barcode} 已记为“{verdict}”，如无问题请在该行改判")


def due_on(today: date, closed: Collection[date]) -> date:
    """Two working days on which the library is open."""
    weekends = {day for day in (today + n * ONE for n in range(AHEAD)) if day.weekday() > 4}
    return after_open_days(today, WORKING_DAYS, {*closed, *weekends})


def counted(line: HandoverLine, verdict: Verdict) -> bool:
    """Whether a scan changes the line: the same again does not, a closer look does, and a plain scan never softens."""
    if line.verdict is verdict:
        return False
    if verdict is V.ok and line.verdict in {V.label_wrong, V.damaged}:
        raise CountedOtherwise(barcode=line.barcode, verdict=line.verdict.text)
    return True


def differences(lines: Sequence[HandoverLine], extras: Sequence[HandoverExtra]) -> list[Reason]:
    """Every way in which the box is not as listed."""
    why = [
        Reason(
            f"line-{line.verdict.value.replace('_', '-')}", N_("《{title}》{barcode} {verdict}"),
            params={"title": line.title, "barcode": line.barcode, "verdict": line.verdict.text},
        )
        for line in lines if line.verdict is not V.ok
    ]
    return why + [
        Reason("line-extra", N_("{barcode} 不在清单上"), params={"barcode": extra.barcode}) for extra in extras
    ]


def tally(lines: Sequence[HandoverLine]) -> dict[Verdict, int]:
    """How many lines stand how."""
    found = Counter(line.verdict for line in lines)
    return {verdict: found[verdict] for verdict in Verdict if found[verdict]}


def days_late(handover: Handover, today: date) -> int:
    """Days beyond the target; 0 while there is time."""
    return max((today - handover.due_on).days, 0)


def tone(handover: Handover, today: date) -> str:
    """Red beyond the target, amber on its last day."""
    if handover.state is not S.waiting or today < handover.due_on:
        return ""
    return "bad" if today > handover.due_on else "warn"


def about_extra(extra: HandoverExtra) -> str:
    """What is known of a book that is not on the list, in the reader's language."""
    if extra.other:
        return _(N_("属于交接单 {number}"), number=extra.other)
    if not extra.title:
        return _(N_("馆藏中没有这个条码"))
    return _(N_("不在清单上，当时状态“{state}”"), state=_(extra.state_label))
