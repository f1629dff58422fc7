"""Tokens for programs: `POST /api/token` for an hour, named ones from the account page."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request

from gateway.accounts import commands
from gateway.accounts.pages import prove_or_refuse
from gateway.accounts.rules import TOKEN_LIFE, PasswordMustChange
from shared.doors import Router, WorkDep
from shared.i18n import N_

router = Router()


class Credentials(BaseModel):
    """A user name and its password."""

    username: str = Field(max_length=80)
    password: str = Field(max_length=256, repr=False)


@router.post("/api/token")
async def token(request: Request, work: WorkDep, given: Credentials) -> dict[str, Any]:
    """A bearer token for the person; the same limits as at the sign-in page."""
    account = await prove_or_refuse(request, work, given.username, given.password)
    if account.must_change:
        raise PasswordMustChange
    _kept, secret = await commands.open_token(
        work, account_id=account.id, name=N_("程序登录"), life=TOKEN_LIFE
    )
    return {
        "access_token": secret, "token_type": "bearer", "expires_in": int(TOKEN_LIFE.total_seconds())
    }
