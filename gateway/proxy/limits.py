"""How much and how long: most requests are small and quick, imports and exports are neither."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from shared.duties import DEPARTMENTS, name
from shared.i18n import N_
from shared.refusals import Refusal

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limit:
    """Body size in bytes; seconds until the connection stands and between two pieces of the answer."""

    body: int
    connect: float = 2.0
    read: float | None = 30.0


PAGE = Limit(25 * MB)
HEAVY = Limit(700 * MB, read=600.0)
STREAM = Limit(1 * MB, read=None)
_HEAVY = re.compile(
    r"/(imports?|uploads?|exports?|files?|attachments?|masters?|download|backup|restore|oai|sru)(/|\.|$)"
    r"|\.(xlsx|pdf|csv|zip|mrc|iso|xml)$"
)


def limit_of(path: str, accept: bytes) -> Limit:
    """The limit of a request, by its path and by what it asks for."""
    if accept.startswith(b"text/event-stream"):
        return STREAM
    return HEAVY if _HEAVY.search(path) else PAGE


class BodyTooLarge(Refusal):
    """The upload is larger than this place takes."""

    code = "body-too-large"
    status = 413
    message = N_("上传内容超过 {mb} MB 的上限")


class AboutDepartment(Refusal):
    """A refusal that names a department; in which language is known only when it is rendered."""

    def __init__(self, dept: str) -> None:
        super().__init__(dept=dept, name=name(DEPARTMENTS[dept]) if dept in DEPARTMENTS else dept)

    def in_words(self) -> AboutDepartment:
        """The same in the language of the request."""
        return type(self)(self.params["dept"])


class DepartmentDown(AboutDepartment):
    """One department does not answer; everything else goes on."""

    code = "department-down"
    status = 503
    message: ClassVar[str] = N_("{name}系统暂时无法访问，其他部门不受影响。请稍后重试。")


class DepartmentSlow(AboutDepartment):
    """The department did not answer in time; whether it did the work is not known."""

    code = "department-slow"
    status = 504
    message: ClassVar[str] = N_("{name}系统响应超时。请先查看结果再决定是否重做。")
