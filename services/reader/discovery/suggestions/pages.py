"""Screens of one's own suggestions: the list with its stages, the form that looks before it asks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.discovery.account.queries import own_patron
from services.reader.discovery.suggestions import commands, queries, rules
from shared.doors import Router, WorkDep, allow
from shared.events.resources import TITLE_STAGES
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import page, see_other

HOME = "/reader/my/suggestions"
TITLE = N_("我的荐购")
router = Router(prefix=HOME, tags=["suggestions"], dependencies=[allow("patron")])
Text = Annotated[str, Form()]


@router.get("")
async def mine(request: Request, work: WorkDep) -> Response:
    """All of one's wishes, each with its stages and what comes next."""
    patron = await own_patron(work)
    found = await queries.mine(work.session, patron.id)
    return page(
        request, "suggestions/mine.html", page_title=_(TITLE), wishes=found, label=rules.label, next_step=rules.next_step,
        steps=rules.STEPS, moment_of=datetime.fromisoformat, may_withdraw={w.no for w in found if (w.state, "withdraw") in rules.LIFE}, limit=rules.OPEN_MAX,
        open=sum(w.state in rules.OPEN for w in found), crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(TITLE), None)],
    )


@router.get("/new")
async def new(request: Request, q: str = "") -> Response:
    """The form; `q` is what was looked for in vain."""
    return await _form(request, rules.prefilled(" ".join(q.replace("\0", "").split())))


@router.post("")
async def propose(
    request: Request, work: WorkDep, title: Text = "", author: Text = "", publisher: Text = "", year: Text = "",
    isbn: Text = "", reason: Text = "", sure: Text = "",
) -> Response:
    """Look first; what is held or coming is shown, and asked for only by whoever still wants it."""
    wish = rules.Proposal(title=title, author=author, publisher=publisher, year=year, isbn=isbn, reason=reason)
    patron = await own_patron(work)
    try:
        found = await queries.look(work.session, wish.tidy())
        if not found.nothing and not sure:
            return await _form(request, wish, found=found)
        made = await commands.submit(
            work, card=patron.card, wish=wish, instance_id=found.held[0][0].instance_id if found.held else "",
        )
    except Refusal as refusal:
        return await _form(request, wish, refusal=refusal)
    return see_other(request, f"{HOME}#{quote(made.no)}", toast=_(N_("已荐购《{title}》，结果会通知您"), title=made.title))


@router.post("/{number}/withdraw")
async def withdraw(request: Request, work: WorkDep, number: str) -> Response:
    """Take it back; only one's own is found."""
    wish = await commands.withdraw(work, number=number)
    return see_other(request, HOME, toast=_(N_("已撤回荐购《{title}》"), title=wish.title))


async def _form(
    request: Request, wish: rules.Proposal, *, found: queries.Found | None = None, refusal: Refusal | None = None,
) -> Response:
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    fields: list[dict[str, Any]] = [
        {"name": "title", "label": _(N_("题名")), "required": True, "maxlength": 300, "span": 12},
        {"name": "author", "label": _(N_("著者")), "maxlength": 200},
        {"name": "isbn", "label": _(N_("ISBN")), "maxlength": 30, "help": _(N_("书背条码上的 13 位数字；填了查得更准"))},
        {"name": "publisher", "label": _(N_("出版社")), "maxlength": 120},
        {"name": "year", "label": _(N_("出版年")), "maxlength": 4},
        {"name": "reason", "label": _(N_("推荐理由")), "kind": "textarea", "rows": 3, "maxlength": 500, "span": 12,
         "help": _(N_("采访馆员能看到，请勿写个人信息"))},
    ]
    for one in fields:
        one["value"] = getattr(wish, one["name"])
        one["error"] = _(errors[one["name"]]) if one["name"] in errors else ""
    return page(
        request, "suggestions/new.html", status=refusal.status if refusal else 200, page_title=_(N_("荐购图书")), fields=fields,
        error=str(refusal) if refusal and not errors else "", found=found, stages=TITLE_STAGES,
        crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(TITLE), HOME), (_(N_("荐购图书")), None)],
    )
