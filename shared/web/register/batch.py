"""One action on many picked rows: each row stands or falls alone, and the answer says how many did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from shared.states import NotFromHere
from shared.web.pages import page, see_other
from shared.web.register import forms, moves, writing
from shared.web.register.paths import back_of, crumbs
from shared.work import Work

if TYPE_CHECKING:
    from shared.web.register.declare import Register

LIMIT = 200
WHY: tuple[tuple[type[Refusal], str], ...] = (
    (NotFromHere, N_("{n} 项状态已变，跳过")),
    (Conflict, N_("{n} 项刚被他人更改，跳过")),
    (NotAllowed, N_("{n} 项无权办理，跳过")),
    (NotFound, N_("{n} 项已不存在，跳过")),
)


async def act_on_all(
    register: Register, work: Work, keys: Iterable[str], name: str, asked: Mapping[str, Any]
) -> tuple[int, Counter[str]]:
    """How many were done, and why the others were not, sentence by sentence."""
    done, left = 0, Counter[str]()
    own = work.correlation
    # Locks are taken in one order, so two batches cannot wait for each other.
    for key in sorted(set(keys)):
        try:
            await moves.act(register, work, key, name, asked)
            done += 1
        except Invalid:
            raise
        except Refusal as refusal:
            left[next((text for kind, text in WHY if isinstance(refusal, kind)), f"{key}：{refusal}")] += 1
        work.follow(own)
    return done, left


def outcome(done: int, left: Counter[str]) -> str:
    """`18 项已办，2 项状态已变，跳过`."""
    known = {text for _kind, text in WHY}
    said = [_(N_("{n} 项已办"), n=done)]
    said += [_(text, n=n) if text in known else text for text, n in left.items()][:4]
    return _(N_("，")).join(said)


def install(register: Register, router: Router) -> None:
    """`POST …/batch/<action>` with `ids`; an action that asks gets its form first."""
    @router.post(register.path + "/batch/{name}", dependencies=[allow(*register.read)])
    async def batch(request: Request, work: WorkDep, name: str) -> Response:
        action = moves.verb(register, name)
        if not action.batch:
            raise NotFound(name)
        register.require(work.actor, action.by)
        sent = await request.form()
        keys = [str(v) for v in sent.getlist("ids")][:LIMIT]
        back = back_of(register, sent.get("back"), register.path)
        errors: dict[str, str] = {}
        data: dict[str, Any] | None = None
        if action.ask is None or sent.get("asked"):
            data = await forms.read(request, action.ask)
            try:
                done, left = await act_on_all(register, work, keys, name, data)
                return see_other(request, back, toast=outcome(done, left), tone="warn" if left else "ok")
            except Invalid as refusal:
                errors = writing.said_no(refusal)
                await work.session.rollback()
        return page(
            request, "register/act.html", status=422 if errors else 200, register=register, act=action,
            page_title=_(N_("{act}：已选 {n} 项"), act=_(action.label), n=len(keys)), keys=keys, key="",
            url=f"{register.path}/batch/{name}", crumbs=crumbs(register, (_(action.label), "")),
            version=None, fields=writing.ask_fields(register, action, data, errors),
            errors=forms.summary(action.ask, errors), back=back,
        )
