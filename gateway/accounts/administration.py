"""Accounts of others: opened, reset and closed by those whose task it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.accounts import commands
from gateway.accounts.queries import accounts_page
from gateway.gate import gate_of
from gateway.portal.navigation import navigation
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.web.pages import page, see_other

router = Router(dependencies=[allow("TEC-SYS", "RDR-DSK", "RDR-LED", "director")])


async def _page(request: Request, work: WorkDep, **more: Any) -> Response:
    query = request.query_params
    kinds = ["staff", "patron"] if work.actor.holds(("TEC-SYS", "director")) else ["patron"]
    wanted, after = query.get("q", "").strip()[:60], query.get("after", "")[:80]
    rows, total = await accounts_page(work.session, kinds=kinds, asked=wanted, after=after)
    shown = [{"account": a, "name": n or "", "dept": d or ""} for a, n, d in rows[:50]]
    return page(
        request, "accounts.html", page_title=_(N_("账号管理")), nav=await navigation(request),
        rows=shown, total=total, q=wanted,
        following=rows[49].Account.user_name if len(rows) > 50 else "",
        **{"secret": "", "secret_for": "", "refusal": None, "status": 200, **more},
    )


@router.get("/accounts")
async def accounts(request: Request, work: WorkDep) -> Response:
    """All accounts one may administer."""
    return await _page(request, work)


@router.post("/accounts")
async def open_account(request: Request, work: WorkDep) -> Response:
    """A new account for somebody the house knows; the first password is shown once."""
    form = await request.form()
    try:
        account, first = await commands.open_account(
            work, user_name=str(form.get("user_name", "")), person_id=str(form.get("person_id", ""))
        )
    except Refusal as refusal:
        return await _page(request, work, refusal=refusal, status=refusal.status)
    await work.session.flush()
    return await _page(request, work, secret=first, secret_for=account.user_name)


@router.post("/accounts/{account_id}/reset")
async def reset(request: Request, work: WorkDep, account_id: UUID) -> Response:
    """A new first password; the person must change it."""
    account, first = await commands.reset_password(work, account_id=account_id)
    gate = gate_of(request)
    work.after_commit.append(lambda: gate.sessions.forget_account(account_id))
    await work.session.flush()
    return await _page(request, work, secret=first, secret_for=account.user_name)


@router.post("/accounts/{account_id}/disable")
async def disable(request: Request, work: WorkDep, account_id: UUID) -> Response:
    """Nobody signs in with it, and whoever is signed in is signed out."""
    await commands.set_disabled(work, account_id=account_id, disabled=True)
    gate = gate_of(request)
    work.after_commit.append(lambda: gate.sessions.forget_account(account_id))
    return see_other(request, "/accounts", toast=_(N_("账号已停用")))


@router.post("/accounts/{account_id}/enable")
async def enable(request: Request, work: WorkDep, account_id: UUID) -> Response:
    """The account works again."""
    await commands.set_disabled(work, account_id=account_id, disabled=False)
    return see_other(request, "/accounts", toast=_(N_("账号已启用")))
