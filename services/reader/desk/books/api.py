"""JSON door of the books: whether everything agrees."""

from __future__ import annotations

from typing import Any

from services.reader.desk import PROVERS
from services.reader.desk.books import proof
from shared.doors import Router, WorkDep, allow
from shared.i18n import _

router = Router(prefix="/api/reader/books", tags=["books"], dependencies=[allow(*PROVERS)])


@router.get("/verify")
async def verify(work: WorkDep) -> dict[str, Any]:
    """Every check with what breaks it; `ok` when nothing does."""
    checks = await proof.verify(work.session)
    return {
        "ok": all(check.ok for check in checks),
        "checks": [{**proof.check_json(check), "says": _(check.says)} for check in checks],
    }
