"""JSON door of one's own account."""

from __future__ import annotations

from typing import Any

from services.reader.desk.circulation.queries import loan_json
from services.reader.discovery.account import commands, queries
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/my", tags=["my library"], dependencies=[allow("patron")])


@router.get("")
async def mine(work: WorkDep) -> dict[str, Any]:
    """What I have, wait for and owe."""
    return queries.account_json(await queries.account(work), work.today)


@router.post("/renew-all")
async def renew_all(work: WorkDep) -> dict[str, Any]:
    """Renew what can be renewed; each refusal with its reasons."""
    result = await commands.renew_all(work)
    return {
        "renewed": [loan_json(loan) for loan in result.done],
        "refused": [{"barcode": barcode, **refusal.as_json()} for barcode, refusal in result.refused],
    }
