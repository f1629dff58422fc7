"""What may be said to whom, when again, and which words a wording may contain. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from services.reader.desk.notices.model import Hook, NoticeState
from services.reader.desk.patrons.form import EMAIL
from shared.i18n import N_
from shared.refusals import Conflict, Invalid, Refusal
from shared.veil import masked_mail

S = NoticeState
LIFE: dict[tuple[NoticeState, str], NoticeState] = {
    (S.queued, "send"): S.sent,
    (S.queued, "keep"): S.kept,
    (S.queued, "fail"): S.failed,
    (S.queued, "drop"): S.dropped,
}

# Courtesies a patron may do without; what the rules oblige the library to say is not among them.
COURTESY = (
    Hook.due_soon, Hook.hold_expiring, Hook.hold_postponed, Hook.card_unblocked, Hook.orientation_passed, Hook.suggestion,
)
# Sent only to those who ask for it.
EXTRA = (Hook.loan_receipt, Hook.return_receipt)
# Written to the college, one list for all its patrons.
TO_COLLEGE = (Hook.college, Hook.college_clearance)
LANGUAGES = ("zh", "en")
KEEP_DAYS = 180
WARN_DAYS_BEFORE_PICKUP_ENDS = 1
MOST_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(hours=4)
AFTER_TROUBLE = timedelta(minutes=2)
MOST_IN_ONE = 200

# What a wording may name: in the letter, and in the line that is repeated for each thing told.
IN_LETTER: dict[str, str] = {
    "name": N_("收信人姓名"), "library": N_("本馆名称"), "items": N_("逐条内容"), "count": N_("条数"),
    "today": N_("发信日期"), "account": N_("我的图书馆网址"), "college": N_("学院"),
}
IN_LINE: dict[str, str] = {
    "title": N_("题名"), "barcode": N_("条码"), "call_number": N_("索书号"), "due_on": N_("应还日期"),
    "days": N_("超期天数"), "shelf": N_("预约架位"), "until": N_("保留至"), "what": N_("事项"),
    "amount": N_("金额"), "reason": N_("原因"), "position": N_("排队位次"), "patron": N_("读者姓名"),
    "card": N_("证号（后四位）"), "full_card": N_("完整证号（仅函告学院）"),
}
LOAN = ("title", "barcode", "call_number", "due_on", "days")
HOLD = ("title", "barcode", "shelf", "until", "reason", "position")
CARD = ("card", "reason")
LINE_OF: dict[Hook, tuple[str, ...]] = {
    Hook.due_soon: LOAN, Hook.overdue: LOAN, Hook.recall: LOAN,
    Hook.college: (*LOAN, "patron", "full_card"),
    Hook.hold_ready: HOLD, Hook.hold_expiring: HOLD, Hook.hold_expired: HOLD,
    Hook.hold_cancelled: HOLD, Hook.hold_postponed: HOLD,
    Hook.loan_receipt: LOAN, Hook.return_receipt: ("title", "barcode", "call_number", "amount"),
    Hook.slip: ("what", "title", "barcode", "due_on", "amount"),
    Hook.fine_charged: ("what", "title", "amount", "reason"),
    Hook.card_lost: CARD, Hook.card_unblocked: CARD, Hook.card_suspended: CARD,
    Hook.clearance: ("what", "title", "barcode", "due_on", "amount"),
    Hook.college_clearance: ("patron", "full_card", "until", "what"),
    Hook.clearance_settled: ("card", "until"), Hook.orientation_passed: CARD,
    Hook.suggestion: ("what", "title", "reason", "position"),
    Hook.violation: ("what", "reason", "amount", "until"), Hook.violation_judged: ("what", "reason"),
    Hook.refund_undone: ("what", "amount", "reason"),
}
_PLACE = re.compile(r"\{([^{}]*)\}")
_ADDRESS = re.compile(EMAIL)


class UnknownPlace(Invalid):
    """A wording names something its letters do not know; all such places are listed per field."""

    code = "unknown-placeholder"


class NoAddress(Refusal):
    """There is nowhere to send it."""

    code = "no-address"
    message = N_("该读者没有登记电子邮箱，请先补上")


class NotAgain(Refusal):
    """What has not been tried yet, or was a trial, cannot be sent again."""

    code = "not-sent-yet"
    message = N_("只有已有结果的通知可以重发")


class SentAgainAlready(Conflict):
    """Two desks pressed the button, or one twice."""

    code = "sent-again-already"
    message = N_("已经安排重发，请看新的一条")


class WordingChanged(Conflict):
    """Somebody saved a newer version while this one was being written."""

    code = "wording-changed"
    message = N_("这一文案刚被他人修改，请核对新版本后再保存")


@dataclass(frozen=True, slots=True)
class Words:
    """A wording: subject and text of the letter, and the line repeated for each thing told."""

    subject: str
    text: str
    line: str
    version: int = 0


def check(hook: Hook, words: Words) -> None:
    """Refuse what could not be filled, field by field, before anybody receives it."""
    errors: dict[str, str] = {}
    for field, text, known in (
        ("subject", words.subject, IN_LETTER), ("text", words.text, IN_LETTER),
        ("line", words.line, {name: IN_LINE[name] for name in LINE_OF[hook]}),
    ):
        if not text.strip() and field != "line":
            errors[field] = N_("必填")
        elif problem := _problem(text, known):
            errors[field] = problem
    if not errors and words.line.strip() and "{items}" not in words.text:
        errors["text"] = N_("正文里缺少 {items}：逐条内容没有地方放")
    if errors:
        raise UnknownPlace(errors)


def _problem(text: str, known: Mapping[str, str]) -> str:
    found = _PLACE.findall(text)
    wrong = [f"{{{name}}}" for name in found if name not in known]
    if wrong:
        allowed = "、".join(f"{{{name}}}" for name in known)
        return _say(N_("不认识的占位符 {wrong}；这里可以用 {allowed}"), "、".join(wrong), allowed)
    if re.search(r"[{}]", _PLACE.sub("", text)):
        return N_("花括号没有成对")
    return ""


def _say(message: str, wrong: str, allowed: str) -> str:
    from shared.i18n import _

    return _(message, wrong=wrong, allowed=allowed)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; nothing else in the text means anything, so nothing can be run by it."""
    return _PLACE.sub(lambda place: values.get(place[1], ""), text)


def one_line(text: str) -> str:
    """A mail header has no line breaks."""
    return " ".join(text.split())[:200]


def as_html(text: str, language: str) -> str:
    """The same words for readers of HTML mail: paragraphs, nothing that is loaded from anywhere."""
    blocks = (escape(block.strip()).replace("\n", "<br>") for block in re.split(r"\n\s*\n", text.strip()))
    body = "".join(f"<p>{block}</p>" for block in blocks)
    return f'<!doctype html><html lang="{"en" if language == "en" else "zh-CN"}"><meta charset="utf-8"><body>{body}</body></html>'


def address_ok(address: str) -> bool:
    """Whether a mail server can be asked to deliver there."""
    return bool(address) and len(address) <= 120 and _ADDRESS.match(address) is not None


def masked(address: str) -> str:
    """`zhang@stu.example.edu` → `z***@stu.example.edu`: enough to recognise, not to write to."""
    return masked_mail(address) if "@" in address else ""


def without_addresses(answer: str) -> str:
    """A server's answer often repeats the address; it is masked before it is kept."""
    return re.sub(r"[^\s<>@:;,()]+@[^\s<>@:;,()]+", lambda found: masked(found[0]), answer)[:500]


def tail(card: str) -> str:
    """The last four of a card: a letter may be read by somebody else."""
    return f"••{card[-4:]}" if card else ""


def wants(hook: Hook, *, extra: list[str], without: list[str]) -> bool:
    """Whether the patron wants to hear of it; obligations ask nobody."""
    if hook in EXTRA:
        return hook.value in extra
    return not (hook in COURTESY and hook.value in without)


def next_try(now: datetime, attempts: int) -> datetime:
    """1, 2, 4 … minutes after a temporary failure, at most four hours."""
    return now + min(timedelta(minutes=2 ** max(attempts - 1, 0)), LONGEST_PAUSE)
