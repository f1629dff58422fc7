"""How long a sign-in lasts, how often one may fail, and what a password must be."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed, Refusal, SamePerson, Severity

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
# The row is touched at most this often, so that reading pages does not write.
TOUCH = timedelta(minutes=1)
TOKEN_LIFE = timedelta(hours=1)
NAMED_TOKEN_LIFE = timedelta(days=180)
FLOW_LIFE = timedelta(minutes=10)

WINDOW = timedelta(minutes=15)
FAILS_PER_ACCOUNT = 10
FAILS_PER_ADDRESS = 60

SHORTEST, LONGEST = 10, 128


class WrongCredentials(Refusal):
    """The same answer for an unknown name, a wrong password and a disabled account."""

    code = "wrong-credentials"
    status = 401
    message = N_("用户名或密码不正确")


class TooManyAttempts(Refusal):
    """Guessing is slowed down, for the account as well as for the address."""

    code = "too-many-attempts"
    status = 429
    message = N_("登录失败次数过多，请 {minutes} 分钟后再试")
    severity: ClassVar[Severity] = Severity.IMPOSSIBLE


class PasswordMustChange(Refusal):
    """A password somebody else knows opens nothing but the page that changes it."""

    code = "password-must-change"
    status = 403
    message = N_("请先修改初始密码")


class CannotSignForOneself(SamePerson):
    """A signature is another person's."""

    message = N_("不能为自己签批，请另一位责任人签")


class UniversitySignInFailed(Refusal):
    """The provider said no, or its answer does not hold."""

    code = "university-sign-in-failed"
    status = 401
    message = N_("统一身份认证未通过：{why}")


class NotLinked(Refusal):
    """The university knows the person; the library does not (yet)."""

    code = "not-linked"
    status = 403
    message = N_("认证成功，但馆内没有与“{who}”对应的人员或读者证")


class UserNameTaken(Refusal):
    """Two accounts cannot share a user name."""

    code = "user-name-taken"
    status = 409
    message = N_("用户名“{name}”已被使用")


def fold(user_name: str) -> str:
    """User names are compared without case and outer blanks."""
    return user_name.strip().casefold()[:80]


def attempt_keys(user_name: str, address: str) -> list[tuple[str, int]]:
    """Which counters a failed sign-in adds to, with their limits; an IPv6 network counts as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        place = address[:64]
    else:
        wide = isinstance(found, ipaddress.IPv6Address)
        place = str(ipaddress.ip_network(f"{found}/64", strict=False)) if wide else str(found)
    return [(f"account:{fold(user_name)}", FAILS_PER_ACCOUNT), (f"address:{place}", FAILS_PER_ADDRESS)]


def check_new_password(new: str, again: str, *, about: Iterable[str]) -> None:
    """Long enough, typed the same twice, and not simply the name of the account."""
    errors = {}
    if not SHORTEST <= len(new) <= LONGEST:
        errors["new"] = N_("密码长度应为 10 至 128 个字符")
    elif len(set(new)) < 5:
        errors["new"] = N_("密码过于简单")
    elif any(len(word) > 3 and word.casefold() in new.casefold() for word in about):
        errors["new"] = N_("密码不能包含用户名或工号")
    if new != again:
        errors["again"] = N_("两次输入的密码不一致")
    if errors:
        raise Invalid(errors)


def check_may_administer(actor: Actor, kind: str) -> None:
    """Staff accounts belong to system administration, patrons' accounts to the main desk as well."""
    rights = ("TEC-SYS", "director") if kind == "staff" else ("TEC-SYS", "RDR-DSK", "RDR-LED", "director")
    if not actor.holds(rights):
        raise NotAllowed


def safe_next(target: str) -> str:
    """Where to go after sign-in: a path of ours, never another site."""
    if not target.startswith("/") or target.startswith(("//", "/\\", "/login")):
        return "/"
    return target if target.isprintable() else "/"
