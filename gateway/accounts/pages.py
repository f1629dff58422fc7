"""Signing in and out, by password or by way of the university."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from gateway.accounts import commands
from gateway.accounts.oidc import person_claim
from gateway.accounts.rules import UniversitySignInFailed, safe_next
from gateway.accounts.sessions import give_cookie, take_cookie
from gateway.gate import Gate, gate_of, signed_in
from shared.doors import Router, WorkDep
from shared.refusals import NotFound, Refusal
from shared.service import Kit
from shared.web.pages import page

router = Router()
STATE = "guanwu-oidc"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _form(request: Request, *, back: str, name: str = "", refusal: Refusal | None = None) -> Response:
    status = refusal.status if refusal else 200
    headers = {"retry-after": "60"} if status == 429 else {}
    return page(
        request, "login.html", status=status, headers=headers, next_url=back, user_name=name, refusal=refusal,
        university=gate_of(request).provider is not None, demo=gate_of(request).settings.demo,
    )


@router.get("/login")
async def sign_in_page(request: Request) -> Response:
    """The sign-in page; somebody signed in already goes on."""
    back = safe_next(request.query_params.get("next", "/"))
    if signed_in(request):
        return RedirectResponse(back, status_code=303)
    return _form(request, back=back)


@router.post("/login")
async def sign_in(request: Request, work: WorkDep) -> Response:
    """Check name and password; a new session replaces whatever the browser brought."""
    form = await request.form()
    back = safe_next(str(form.get("next", "/")))
    name, password = str(form.get("username", "")), str(form.get("password", ""))
    try:
        account = await prove_or_refuse(request, work, name, password)
    except Refusal as refusal:
        return _form(request, back=back, name=name, refusal=refusal)
    return await _welcome(request, work, account, "password", back)


async def prove_or_refuse(request: Request, work: WorkDep, name: str, password: str) -> Any:
    """The account behind a name and password; tries are counted in a transaction of their own."""
    kit: Kit = request.app.state.kit
    async with kit.works.open(work.actor, origin=work.origin) as counting:
        until = await commands.count_attempt(counting, user_name=name, address=_address(request))
    commands.refuse_until(until, work.now)
    return await commands.prove(
        work, reading=kit.reading, user_name=name, password=password, address=_address(request)
    )


async def _welcome(request: Request, work: WorkDep, account: Any, how: str, back: str) -> Response:
    gate = gate_of(request)
    if old := signed_in(request):
        if old.by_cookie:
            await commands.end_session(work, account_id=old.account_id, session_id=old.id)
        gate.sessions.forget(old.digest)
    secret = await commands.open_session(
        work, account=account, how=how, address=_address(request),
        agent=request.headers.get("user-agent", ""),
    )
    answer = RedirectResponse("/account/password" if account.must_change else back, status_code=303)
    give_cookie(answer, secret, secure=gate.secure(request.url.scheme))
    return answer


@router.post("/logout")
async def sign_out(request: Request, work: WorkDep) -> Response:
    """End this session here and in the database."""
    gate = gate_of(request)
    found = signed_in(request)
    if found and found.by_cookie:
        await commands.end_session(work, account_id=found.account_id, session_id=found.id)
        work.after_commit.append(lambda: gate.sessions.forget(found.digest))
    answer = RedirectResponse("/login", status_code=303)
    answer.headers["clear-site-data"] = '"cache"'
    take_cookie(answer, secure=gate.secure(request.url.scheme))
    return answer


def _back_url(request: Request, gate: Gate) -> str:
    base = gate.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return f"{base}/login/university/back"


@router.get("/login/university")
async def go_to_university(request: Request) -> Response:
    """Set out for the provider; the state also goes into this browser, so that no other can come back.

    A link and not a form: our content policy lets no form lead to another site.
    """
    gate = gate_of(request)
    kit: Kit = request.app.state.kit
    if gate.provider is None:
        raise NotFound("/login/university")
    back = safe_next(request.query_params.get("next", "/"))
    try:
        async with kit.works.open(request.state.actor, origin=_address(request)) as work:
            state, flow = await commands.begin_flow(work, back_to=back)
        target = await gate.provider.address(flow, state, _back_url(request, gate))
    except UniversitySignInFailed as refusal:
        return _form(request, back=back, refusal=refusal)
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        STATE, state, max_age=600, httponly=True, samesite="lax", path="/login/university",
        secure=gate.secure(request.url.scheme),
    )
    return answer


@router.get("/login/university/back")
async def come_back_from_university(request: Request, state: str = "", code: str = "") -> Response:
    """The provider sends the browser back; a GET that signs in, so it opens its own transaction."""
    gate = gate_of(request)
    kit: Kit = request.app.state.kit
    if gate.provider is None:
        raise NotFound("/login/university")
    try:
        if not state or not code or request.cookies.get(STATE) != state:
            raise UniversitySignInFailed(why=request.query_params.get("error", "state")[:60])
        async with kit.works.open(request.state.actor, origin=_address(request)) as work:
            flow = await commands.finish_flow(work, state=state)
        claims = await gate.provider.claims(flow, code, _back_url(request, gate))
        async with kit.works.open(request.state.actor, origin=_address(request)) as work:
            account = await commands.account_for_subject(
                work, issuer=gate.provider.issuer, subject=str(claims["sub"]), claim=person_claim(claims)
            )
            answer = await _welcome(request, work, account, "university", flow.back_to)
    except NotFound:
        answer = _form(request, back="/", refusal=UniversitySignInFailed(why="state"))
    except Refusal as refusal:
        answer = _form(request, back="/", refusal=refusal)
    answer.delete_cookie(STATE, path="/login/university")
    return answer


def login_url(back: str) -> str:
    """The sign-in page that leads back here."""
    return f"/login?next={quote(back, safe='')}"
