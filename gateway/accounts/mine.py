"""My account: where I am signed in, my programs' tokens, my password."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.accounts import commands
from gateway.accounts.queries import live_tokens, open_sessions
from gateway.accounts.rules import IDLE, WrongCredentials
from gateway.gate import gate_of, must_be_signed_in
from gateway.portal.navigation import navigation, post_titles
from shared.doors import Router, WorkDep
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import page, see_other

router = Router()


BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")


def browser_of(agent: str) -> str:
    """`Chrome · Windows` of what the browser says about itself."""
    browser = next((one for one in BROWSERS if f"{one}/" in agent), agent.partition("/")[0][:30])
    system = next((one for one in SYSTEMS if one in agent), "")
    return " · ".join(filter(None, (browser.replace("Edg", "Edge").replace("OPR", "Opera"), system)))


async def _page(request: Request, work: WorkDep, *, secret: str = "") -> Response:
    me = must_be_signed_in(request)
    return page(
        request, "account.html", page_title=_(N_("我的账号")), nav=await navigation(request), posts=post_titles(work.actor),
        sessions=await open_sessions(work.session, me.account_id, work.now, IDLE), here=me.id, browser_of=browser_of,
        tokens=await live_tokens(work.session, me.account_id, work.now), secret=secret,
    )


@router.get("/account")
async def account(request: Request, work: WorkDep) -> Response:
    """The page of one's own account."""
    return await _page(request, work)


@router.get("/account/keys")
async def keys(request: Request) -> Response:
    """The keyboard shortcuts as a page, for browsers that cannot open the dialog."""
    must_be_signed_in(request)
    return page(request, "keys.html", page_title=_(N_("快捷键")), nav=await navigation(request))


@router.post("/account/sessions/{session_id}/end")
async def end(request: Request, work: WorkDep, session_id: UUID) -> Response:
    """Sign one's own browser elsewhere out."""
    me, gate = must_be_signed_in(request), gate_of(request)
    kept = await commands.end_session(work, account_id=me.account_id, session_id=session_id)
    work.after_commit.append(lambda: gate.sessions.forget(kept))
    return see_other(request, "/account", toast=_(N_("已退出该处登录")))


@router.post("/account/sessions/end-others")
async def end_others(request: Request, work: WorkDep) -> Response:
    """Keep only this browser signed in."""
    me, gate = must_be_signed_in(request), gate_of(request)
    await commands.end_other_sessions(work, account_id=me.account_id, keep=me.id)
    work.after_commit.append(lambda: gate.sessions.forget_account(me.account_id))
    return see_other(request, "/account", toast=_(N_("其他登录均已退出")))


@router.post("/account/tokens")
async def new_token(request: Request, work: WorkDep) -> Response:
    """A token for a program of mine; the answer shows it, this once."""
    me = must_be_signed_in(request)
    name = str((await request.form()).get("name", "")).strip()
    if not name:
        raise Invalid({"name": N_("必填")})
    _kept, secret = await commands.open_token(work, account_id=me.account_id, name=name)
    await work.session.flush()
    return await _page(request, work, secret=secret)


@router.post("/account/tokens/{token_id}/revoke")
async def revoke(request: Request, work: WorkDep, token_id: UUID) -> Response:
    """The token opens nothing any more."""
    me, gate = must_be_signed_in(request), gate_of(request)
    kept = await commands.revoke_token(work, account_id=me.account_id, token_id=token_id)
    work.after_commit.append(lambda: gate.sessions.forget(kept))
    return see_other(request, "/account", toast=_(N_("令牌已撤销")))


async def _password_form(request: Request, refusal: Refusal | None = None) -> Response:
    return page(
        request, "password.html", status=refusal.status if refusal else 200,
        page_title=_(N_("修改密码")), crumbs=[(_("我的账号"), "/account"), (_("修改密码"), "")],
        nav=await navigation(request),
        refusal=refusal, errors=refusal.as_json()["errors"] if isinstance(refusal, Invalid) else {},
        forced=must_be_signed_in(request).must_change,
    )


@router.get("/account/password")
async def password_page(request: Request) -> Response:
    """The form that changes one's password."""
    must_be_signed_in(request)
    return await _password_form(request)


@router.post("/account/password")
async def change_password(request: Request, work: WorkDep) -> Response:
    """A new password; every other session of the account ends."""
    me, gate = must_be_signed_in(request), gate_of(request)
    form = await request.form()
    try:
        await commands.change_password(
            work, account_id=me.account_id, old=str(form.get("old", "")), new=str(form.get("new", "")),
            again=str(form.get("again", "")), keep=me.id,
        )
    except WrongCredentials:
        return await _password_form(request, Invalid({"old": N_("原密码不正确")}))
    except Invalid as refusal:
        return await _password_form(request, refusal)
    work.after_commit.append(lambda: gate.sessions.forget_account(me.account_id))
    return see_other(request, "/", toast=_(N_("密码已修改")))
