"""What a signature covers, how long it holds, and who may not give it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.reader.desk.signing.model import Act, SignOff, SignState
from shared.i18n import N_
from shared.identity import Actor, Approval
from shared.refusals import NotFound, Reason, Refusal, SamePerson, Severity
from shared.states import step

NUMBERS = "QP"
# A patron waits at the desk: what nobody has answered by then is no longer wanted.
ASKED_FOR = timedelta(hours=2)
GRANTED_FOR = timedelta(minutes=30)
OPEN = (SignState.asked, SignState.granted)

S = SignState
LIFE: dict[tuple[SignState, str], SignState] = {
    (S.asked, "grant"): S.granted,
    (S.asked, "refuse"): S.refused,
    (S.asked, "withdraw"): S.withdrawn,
    (S.asked, "lapse"): S.lapsed,
    (S.granted, "use"): S.used,
    (S.granted, "withdraw"): S.withdrawn,
    (S.granted, "lapse"): S.lapsed,
}


class SignedForOneself(SamePerson):
    """Neither the clerk who asks nor the patron concerned signs."""

    message = N_("不能为自己签批，请另一位责任人签")


class SignatureUsed(Refusal):
    """It was good once."""

    code = "signature-used"
    message = N_("这次签批已经用过，请重新签批")


class SignatureLapsed(Refusal):
    """The answer came too late to be used."""

    code = "signature-lapsed"
    message = N_("批复已过时，请重新请求")


class SignedForAnother(Refusal):
    """Another desk, act, card, item or charge was signed for."""

    code = "signed-for-another"
    message = N_("签批的不是这一项办理，请重新签批")


class NotSignable(Refusal):
    """A reason stands against it that no head may set aside."""

    code = "not-signable"
    message = N_("这一项不能由责任人特批")


class AlreadyAsked(Refusal):
    """The request is on its way."""

    code = "sign-off-asked"
    message = N_("已请求签批，请等批复")


class UnknownSignOff(NotFound):
    """No such request, or somebody else's."""

    code = "unknown-sign-off"
    message = N_("没有这张签批单")


def about(card: str, thing: str, codes: Iterable[str] = ()) -> str:
    """What a signature concerns, as the gateway signs it: card, item or charge, reasons."""
    return " ".join([card, thing, "+".join(sorted(set(codes)))])


def codes_of(signed: Approval) -> set[str]:
    """The reasons the signer has seen."""
    parts = signed.about.split(" ")
    return set(parts[2].split("+")) - {""} if len(parts) == 3 else set()


def check(signed: Approval, *, actor: Actor, act: Act, card: str, thing: str) -> None:
    """Refuse a signature that is not for this very act of this very person."""
    if signed.by.id in {actor.id, card} or (signed.by.card and signed.by.card == card):
        raise SignedForOneself
    if signed.of != actor.id or signed.act != act.value or signed.about.split(" ")[:2] != [card, thing]:
        raise SignedForAnother


def set_aside(
    reasons: Sequence[Reason], *, actor: Actor, override: bool = False, signed: Approval | None = None
) -> bool:
    """Whether nothing stands against it, or all of it is set aside: by a head, or by the signature of one who saw it all."""
    who = signed.by if signed else actor
    if not reasons:
        return True
    if not (override or signed) or any(r.severity is not Severity.OVERRIDE or not who.holds(r.by) for r in reasons):
        return False
    return signed is None or {r.code for r in reasons} <= codes_of(signed)


def kept(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Reasons in the form in which a request keeps them; a number or a word each, to be said in anybody's language."""
    return [
        {
            "code": r.code, "message": r.message, "severity": r.severity.value, "by": list(r.by),
            "params": {key: value if isinstance(value, int) else str(value) for key, value in r.params.items()},
        }
        for r in reasons
    ]


def signable(reasons: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a head may set every one of these kept reasons aside."""
    return all(r["severity"] == Severity.OVERRIDE.value and r["by"] for r in reasons)


def may_answer(found: SignOff, actor: Actor) -> None:
    """A head who is not the one who asked, and whom every reason names."""
    if actor.id in {found.asked_by, found.card}:
        raise SignedForOneself
    for reason in found.reasons:
        actor.require(*reason["by"])


def answer(found: SignOff, action: str, *, actor: Actor, reason: str, now: datetime) -> None:
    """The head's word, and how long a yes holds."""
    found.state = step(LIFE, found.state, action)
    found.signed_by, found.posts, found.signed_at, found.reason = actor.id, list(actor.posts), now, reason
    if found.state is S.granted:
        found.until = now + GRANTED_FOR


def as_approval(found: SignOff) -> Approval:
    """An answered request in the form in which commands take a signature."""
    by = Actor(id=found.signed_by, posts=tuple(found.posts))
    codes = [reason["code"] for reason in found.reasons]
    return Approval(found.id, by, found.asked_by, found.act.value, about(found.card, found.thing, codes), found.reason)


def said(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Kept reasons in the reader's language."""
    return [str(Reason(r["code"], r["message"], params=r["params"])) for r in reasons]
