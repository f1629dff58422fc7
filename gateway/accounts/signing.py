"""A second person signs for one act of whoever is signed in: proven as at the sign-in page, and no session comes of it.

Plain routes and not doors: what a door keeps of a repeated request would keep a trace of the password.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gateway.accounts.pages import prove_or_refuse
from gateway.accounts.rules import CannotSignForOneself, PasswordMustChange
from gateway.accounts.sessions import SignedIn
from gateway.gate import Gate, gate_of, must_be_signed_in
from gateway.people.queries import actor_today
from gateway.proxy.headers import Raw
from gateway.proxy.limits import AboutDepartment
from shared.doors import correlation_of
from shared.i18n import N_
from shared.identity import APPROVAL_SECONDS
from shared.refusals import Invalid, NotAllowed, NotFound
from shared.service import Kit

router = APIRouter()
OURS = {"username", "password", "to", "act", "about", "reason"}
# A room's own address: no query, no second slash, nothing that climbs.
_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+")


class SignOff(BaseModel):
    """Who signs, for which act of the person signed in, and why."""

    username: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=256, repr=False)
    department: str = Field(max_length=20)
    act: str = Field(min_length=1, max_length=40)
    about: str = Field(min_length=1, max_length=400)
    reason: str = Field(max_length=300)


@router.post("/api/sign-off", dependencies=[Depends(must_be_signed_in)])
async def sign(request: Request, given: SignOff) -> dict[str, Any]:
    """An approval for a program to send on with the act; the same limits as at the sign-in page."""
    if given.department not in gate_of(request).departments.addresses:
        raise NotFound(given.department)
    return {"approval": await _approval(request, given), "expires_in": APPROVAL_SECONDS}


@router.post("/sign-off")
async def sign_and_pass_on(request: Request) -> Response:
    """The little form of a refusal: check the signer, then hand the rest of the form and the approval to the room.

    Neither the password nor the approval ever goes back to the browser.
    """
    who = must_be_signed_in(request)
    form = {name: str(value) for name, value in (await request.form()).items()}
    gate, to = gate_of(request), form.get("to", "")
    dept = gate.departments.of(to) if _PATH.fullmatch(to) else ""
    if not dept:
        raise NotFound(to[:80])
    given = SignOff.model_construct(
        username=form.get("username", "")[:80], password=form.get("password", "")[:256], department=dept,
        act=form.get("act", "")[:40], about=form.get("about", "")[:400], reason=form.get("reason", "")[:300],
    )
    approval = await _approval(request, given)
    rest = {name: value for name, value in form.items() if name not in OURS}
    return PassedOn(gate, who, dept, to, urlencode({**rest, "approval": approval}).encode())


async def _approval(request: Request, given: SignOff) -> str:
    who = must_be_signed_in(request)
    if who.actor.kind != "staff":
        raise NotAllowed
    reason = given.reason.strip()
    if len(reason) < 2:
        raise Invalid({"reason": N_("请写明签批理由")})
    kit: Kit = request.app.state.kit
    address = request.client.host if request.client else ""
    async with kit.works.open(who.actor, correlation=correlation_of(request), origin=address) as work:
        account = await prove_or_refuse(request, work, given.username, given.password)
        # Whoever proved it is themselves learns why nothing comes of it; anybody else learned nothing so far.
        if account.must_change:
            raise PasswordMustChange
        signer = await actor_today(work.session, account.person_id, account.kind, work.today)
        if signer is None or signer.kind != "staff":
            raise NotAllowed
        if signer.id == who.actor.id:
            raise CannotSignForOneself
        work.note(
            "sign-off", "account", str(account.id), signed_by=signer.id, asked_by=who.actor.id,
            department=given.department, act=given.act,
        )
    return gate_of(request).mint.approval(
        signer, given.department, of=who.actor.id, act=given.act, about=given.about, reason=reason
    )


class PassedOn(Response):
    """The answer of the department's room, as if the browser had sent it the form itself."""

    def __init__(self, gate: Gate, who: SignedIn, dept: str, path: str, form: bytes) -> None:
        super().__init__()
        self.gate, self.who, self.dept, self.path, self.form = gate, who, dept, path, form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One hop, by the way every other request takes."""
        # Already compressed answers pass our own packer untouched; a repeat carries another approval, so no key.
        left = {b"content-type", b"content-length", b"accept-encoding", b"idempotency-key"}
        headers: Raw = [(name, value) for name, value in scope["headers"] if name not in left]
        headers += [
            (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(self.form)).encode()),
        ]
        sent = False

        async def body() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": self.form, "more_body": False}

        there = {**scope, "path": self.path, "raw_path": self.path.encode(), "query_string": b"", "headers": headers}
        token = self.gate.mint.token(self.who.actor, self.dept, str(self.who.id))
        correlation = next((v.decode() for n, v in scope["headers"] if n == b"x-correlation-id"), "")
        try:
            await self.gate.departments.relay(
                there, body, send, dept=self.dept, token=token, correlation=correlation
            )
        except AboutDepartment as refusal:
            raise refusal.in_words() from refusal
