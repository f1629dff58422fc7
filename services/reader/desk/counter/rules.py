"""How a scan is read: which word means what, and how it sounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.reader.desk.circulation.model import Loan
from services.reader.desk.counter.model import Line, Mode, Outcome
from services.reader.desk.items.rules import told_former
from services.reader.desk.signing import rules as signing
from services.reader.desk.signing.model import Act
from shared.audit import plain
from shared.i18n import N_, _
from shared.refusals import Reason, Refusal, Severity

SOUNDS: dict[Outcome, str] = {
    Outcome.lent: "ok", Outcome.returned: "ok", Outcome.renewed: "ok", Outcome.undone: "ok",
    Outcome.used: "ok", Outcome.not_lent: "look", Outcome.kept: "look", Outcome.foreign: "look", Outcome.refused: "stop",
}
UNDOABLE = {Outcome.lent, Outcome.returned, Outcome.kept, Outcome.renewed}
# Modes in which a book goes home with somebody.
LENDING = {Mode.lend, Mode.delegate}
# What a head signs for when a scan in this mode is refused.
ACTS = {Mode.lend: Act.lend, Mode.delegate: Act.lend, Mode.renew: Act.renew}
# Kinds of items that are more than one piece: what must be counted when they come and go.
WITH_PIECES = {"disc", "cd", "dvd", "audio", "video", "kit", "map", "multimedia"}
# What a book can still be damaged after: everything that has it in the librarian's hands.
IN_HAND = {Outcome.lent, Outcome.returned, Outcome.kept, Outcome.not_lent, Outcome.renewed}


class CardFirst(Refusal):
    """A book was scanned to be lent before anybody's card."""

    code = "card-first"
    message = N_("请先扫描读者证")


class DelegateFirst(Refusal):
    """A book was scanned for somebody else before it was known for whom."""

    code = "delegate-first"
    message = N_("请先扫代借人的读者证，再扫委托人的读者证")


class NotYourSitting(Refusal):
    """The sitting belongs to a colleague."""

    code = "not-your-sitting"
    status = 403
    message = N_("这是另一位馆员的台面")


class PatronGone(Refusal):
    """The patron of this line has left; whoever stands there now did not ask for the disc."""

    code = "patron-gone"
    message = N_("这位读者已离开本台，请重新扫证再借光盘")


class NothingOnSlip(Refusal):
    """Nothing was done, so there is no receipt."""

    code = "nothing-on-slip"
    message = N_("本次没有办理图书，没有凭条可发")


def overtaken(line: Line, loan: Loan) -> bool:
    """Whether the loan has moved on since this line: then undoing would undo another step."""
    if line.outcome is Outcome.lent:
        return loan.returned_at is not None and not loan.undone
    if line.outcome is Outcome.renewed:
        return loan.due_on != line.due_on or loan.returned_at is not None
    return loan.returned_at is None


def mode_of(text: str) -> Mode:
    """The mode a form sends; lending when it says nothing we know."""
    return Mode(text) if text in set(Mode) else Mode.lend


def sound_of(line: Line) -> str:
    """High for done, two low for look, harsh for stop."""
    if line.facts.get("former") and SOUNDS[line.outcome] == "ok":
        return "look"
    if line.outcome is Outcome.returned and (line.fine_fen or line.slip or line.facts.get("next") != "shelve"):
        return "look"
    return SOUNDS[line.outcome]


def kept_reasons(refusal: Refusal) -> list[dict[str, Any]]:
    """The reasons in a form that can be stored and said again in either language."""
    return as_kept(refusal.reasons)


def as_kept(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """The same of reasons alone."""
    return [
        {
            "code": r.code, "message": r.message, "severity": r.severity.value, "by": list(r.by),
            "params": plain(r.params),
        }
        for r in reasons
    ]


def said(line: Line) -> list[str]:
    """The reasons of a refused scan in the reader's language."""
    return [_(r["message"], **r["params"]) for r in line.facts.get("reasons", [])]


def told(line: Line) -> str:
    """That the label on the book is an old one, and which barcode holds now."""
    former = line.facts.get("former", "")
    return told_former(former, line.code) if former else ""


def can_override(line: Line, holds: Any) -> bool:
    """Whether this person may go on regardless."""
    reasons = line.facts.get("reasons", [])
    return bool(reasons) and line.outcome is Outcome.refused and all(
        r["severity"] == Severity.OVERRIDE.value and holds(tuple(r["by"])) for r in reasons
    )


def signable(line: Line) -> bool:
    """Whether a head's signature would set aside all that was said against this scan."""
    reasons = line.facts.get("reasons", [])
    return bool(
        reasons and line.card and line.outcome is Outcome.refused and line.mode in ACTS and signing.signable(reasons)
    )


def about(line: Line) -> str:
    """What a signature for this line is about."""
    return signing.about(line.card, line.code, [r["code"] for r in line.facts.get("reasons", [])])


def about_undo(line: Line) -> str:
    """What a signature for taking this line back is about."""
    return signing.about(line.card, line.code)


def may_be_card(reasons: list[Reason]) -> bool:
    """Whether "no such book" is all that is wrong: then the code may be a card."""
    return any(r.code == "unknown-barcode" for r in reasons)
