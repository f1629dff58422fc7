"""The check as a form sends it, at the counter and on the check's own page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form

from services.reader.desk.condition.model import Grade
from services.reader.desk.discs.model import Pays
from shared.i18n import N_
from shared.refusals import Invalid


def whole(text: str, name: str, otherwise: int | None = None) -> int | None:
    """A number as typed; `otherwise` for nothing. A long one is a barcode that went into the wrong box."""
    text = text.strip()
    if not text:
        return otherwise
    if not text.isdecimal() or len(text) > 9:
        raise Invalid({name: N_("张数不对；若扫了下一册，请先验完这张盘再扫")})
    return int(text)


def findings(
    verdict: Annotated[str, Form()] = "", count: Annotated[str, Form()] = "",
    checks: Annotated[list[str] | None, Form()] = None, note: Annotated[str, Form()] = "",
    pays: Annotated[Pays, Form()] = Pays.fixed, pay_for: Annotated[str, Form()] = "",
    grade: Annotated[str, Form()] = "",
) -> dict[str, Any]:
    """What `commands.decide` takes, beside the number of the check."""
    ticked = set(checks or [])
    return {
        "passed": verdict != "fail", "surface": "surface" in ticked, "readable": "readable" in ticked,
        "case": "case" in ticked, "count": whole(count, "count"), "note": note[:300],
        "pays": pays, "pay_for": whole(pay_for, "pay_for"), "grade": Grade(grade) if grade in set(Grade) else None,
    }
