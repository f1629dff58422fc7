"""How a signature comes in by a form or a program: the gateway's approval, or the number of an answered request."""

from __future__ import annotations

from starlette.requests import Request

from services.reader.desk.signing import commands
from shared.identity import Approval
from shared.service import Kit
from shared.work import Work


async def signature(request: Request, work: Work, *, approval: str = "", number: str = "", title: str = "") -> Approval | None:
    """The signature, spent; None when none was presented."""
    if approval:
        kit: Kit = request.app.state.kit
        return await commands.redeem(work, await kit.verifier.approval(approval), title=title)
    return await commands.spend(work, number=number) if number else None
