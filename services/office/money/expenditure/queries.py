"""What stands behind a voucher."""

from __future__ import annotations

from typing import Any

from services.office.money.expenditure.model import Voucher
from shared.work import Work


async def facts_behind(_work: Work, voucher: Voucher) -> dict[str, Any]:
    """The page of the asking department, and the number under which one finds it on paper."""
    return {"source": voucher.source, "reference": voucher.reference, "suspense": voucher.suspense}
