"""What a service point may be called, and what is refused."""

from __future__ import annotations

import re

from shared.i18n import N_
from shared.refusals import NotFound, Refusal

# Short, because it is printed on slips and stuck on boxes.
CODE = re.compile(r"[A-Z0-9-]{2,12}")


# The desk remembers here where it stands; a code from the register and nothing about anybody.
COOKIE = "desk_point"


class UnknownPoint(NotFound):
    """There is no open service point of this code."""

    code = "unknown-service-point"
    message = N_("没有开放的服务点 {what}")


class PointExists(Refusal):
    """The code is taken."""

    code = "service-point-exists"
    message = N_("服务点代码 {code} 已有")


class MainStaysOpen(Refusal):
    """Work falls back to the main point, so it cannot be closed."""

    code = "main-point-stays-open"
    message = N_("“{name}”是默认服务点，请先把另一处设为默认再关闭")


def errors(*, code: str, name: str) -> dict[str, str]:
    """What is wrong with the form, field by field."""
    found = {}
    if not CODE.fullmatch(code):
        found["code"] = N_("代码为 2–12 位大写字母、数字或连字符")
    if not name:
        found["name"] = N_("请填写名称")
    return found
