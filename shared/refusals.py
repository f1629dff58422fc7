"""How the suite says no: a stable code, a status, and a sentence for a person.

A refusal is declared beside the rule that raises it and rendered once, at the door. It lists all
its reasons at once, each with a severity, because a desk clerk who hears them one by one scans
the same book five times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from shared.i18n import N_, _


class Severity(StrEnum):
    """Whether anything can be done about a reason."""

    IMPOSSIBLE = "impossible"
    OVERRIDE = "override"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a refusal; `message` is a msgid whose places `params` fill."""

    code: str
    message: str
    severity: Severity = Severity.IMPOSSIBLE
    params: dict[str, Any] = field(default_factory=dict)
    by: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _(self.message, **self.params)

    def as_json(self) -> dict[str, Any]:
        """Wire form of the reason, in the reader's language."""
        return {
            "code": self.code,
            "message": str(self),
            "severity": self.severity.value,
            **({"by": list(self.by)} if self.by else {}),
        }


class Refusal(Exception):
    """A business "no". Subclass it beside the rule: code, status, message."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str] = N_("无法办理")
    severity: ClassVar[Severity] = Severity.IMPOSSIBLE

    def __init__(self, reasons: Iterable[Reason] = (), **params: Any) -> None:
        super().__init__(self.message)
        self.params = params
        self.reasons = tuple(reasons) or (
            Reason(self.code, self.message, self.severity, params),
        )

    def __str__(self) -> str:
        return _(self.message, **self.params)

    def as_json(self) -> dict[str, Any]:
        """`{"code", "message", "reasons": [...]}`: the one error shape of every API."""
        return {
            "code": self.code,
            "message": str(self),
            "reasons": [reason.as_json() for reason in self.reasons],
        }


class NotFound(Refusal):
    """There is no such record, or the caller may not know that there is."""

    code = "not-found"
    status = 404
    message = N_("没有找到：{what}")

    def __init__(self, what: object = "") -> None:
        super().__init__(what=what)


class NotAllowed(Refusal):
    """The caller's posts do not carry this right."""

    code = "not-allowed"
    status = 403
    message = N_("您的岗位没有这项权限")


class NotSignedIn(Refusal):
    """No valid identity came with the request."""

    code = "not-signed-in"
    status = 401
    message = N_("请先登录")


class SamePerson(Refusal):
    """Two steps of one case that the rules give to two people (maker and checker)."""

    code = "same-person"
    status = 409
    message = N_("经办与审核不能是同一人")


class Invalid(Refusal):
    """Malformed input; `errors` maps a field to its message (already in words)."""

    code = "invalid"
    status = 422
    message = N_("填写有误，请检查标出的项目")

    def __init__(self, errors: dict[str, str] | None = None, **params: Any) -> None:
        self.errors = errors or {}
        reasons = [
            Reason(f"invalid.{name}" if name else "invalid", "{text}", params={"text": text})
            for name, text in self.errors.items()
        ]
        super().__init__(reasons, **params)

    def as_json(self) -> dict[str, Any]:
        """The common shape plus `errors`, field by field."""
        return {**super().as_json(), "errors": {k: _(v) for k, v in self.errors.items()}}


class Unstorable(Refusal):
    """Well-formed, but the database has no room for it: a NUL among letters, a number beyond all numbers."""

    code = "unstorable"
    status = 422
    message = N_("内容含有不能保存的字符，或数值、日期超出范围，未保存")


class Conflict(Refusal):
    """Somebody else changed the record first."""

    code = "conflict"
    status = 409
    message = N_("记录刚被他人更改，请刷新后重试")


class Away(Refusal):
    """The database went away and nothing of the request was kept."""

    code = "database-away"
    status = 503
    message = N_("数据库暂时连不上，本次操作没有保存。请过几秒重试。")


class Unsure(Refusal):
    """The database went away in the moment of saving."""

    code = "perhaps-saved"
    status = 503
    message = N_("数据库在保存时中断，这一步可能已经生效。请先查看，再决定是否重做。")


class Strained(Refusal):
    """The database has no room left: disk, memory or connections."""

    code = "no-room"
    status = 503
    message = N_("系统暂时没有余地（磁盘、内存或连接已满），本次操作没有保存。请稍后重试，并通知系统管理员。")


class Busy(Refusal):
    """The database gave up waiting: a lock was not let go, a question took too long."""

    code = "busy"
    status = 503
    message = N_("系统忙，等候过久，本次操作没有保存。请稍后重试。")
