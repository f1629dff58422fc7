"""Posts on screen: the house post by post, and one post with its holders and stand-ins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.office.people.post_duties.commands import end_post, give_post, give_stand_in
from services.office.people.post_duties.forms import EndForm, GiveForm, StandInForm
from services.office.people.post_duties.queries import all_held, holders_by_post
from services.office.people.post_duties.rules import (
    GIVERS,
    LEADER_POSTS,
    STAND_IN_GIVERS,
    NoSuchPost,
    cadence_text,
    dept_name,
    dept_of,
    place_title,
    post_title,
)
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, DUTIES, POSTS, title
from shared.i18n import N_, _
from shared.refusals import NotAllowed, Refusal
from shared.web.pages import Entry, page, see_other
from shared.web.register import forms
from shared.web.register.people import names, suggest
from shared.work import Work

router = Router()
URL = "/office/posts"
ENTRY = Entry(
    N_("岗位与顶班"), URL, icon="sitemap", who=("staff",), badge="", serves=("OFF-ADM-01",),
    help=N_("各岗位现由谁担任，谁在顶班，哪里空缺"),
)
STAFF = [allow("staff")]


@router.get(URL, dependencies=STAFF)
async def posts(request: Request, work: WorkDep) -> Response:
    """The house, department by department, post by post."""
    held = await holders_by_post(work.session, work.today)
    groups = [
        (_(N_("馆领导与部门主任")), list(LEADER_POSTS)),
        *((dept_name(slug), [c for c, p in POSTS.items() if p.department == slug]) for slug in DEPARTMENTS),
    ]
    return page(
        request, "office/posts.html", page_title=_(ENTRY.label), groups=groups, held=held, post_title=post_title,
        place_title=place_title, posts=POSTS, duty_counts=_counts(),
        names=await names(work, [n for hs in held.values() for h in hs for n in (h.staff_no, h.stand_in_for)]),
    )


def _counts() -> dict[str, int]:
    found: dict[str, int] = {}
    for duty in DUTIES.values():
        found[duty.post] = found.get(duty.post, 0) + 1
    return found


@router.get(URL + "/{code}", dependencies=STAFF)
async def post(request: Request, work: WorkDep, code: str) -> Response:
    """One post: places, holders, duties."""
    return await _show(request, work, code)


async def _show(
    request: Request, work: Work, code: str, *, which: str = "", typed: dict[str, Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    if code not in POSTS and code not in LEADER_POSTS:
        raise NoSuchPost(post=code)
    held = await all_held(work.session, work.today, [code])
    errors = _said(refusal)
    duties = [d for d in DUTIES.values() if d.post == code]
    return page(
        request, "office/post.html", status=422 if refusal else 200, page_title=post_title(code), code=code,
        post=POSTS.get(code), held=held, duties=duties, duty_title=title, cadence_text=cadence_text,
        place_title=place_title, dept_label=dept_name(dept_of(code)), which=which,
        give_fields=_give_fields(code, typed if which == "give" else None, errors if which == "give" else {}),
        stand_in_fields=_with_lookup(forms.shown(
            StandInForm, typed if which == "stand-in" else None, errors if which == "stand-in" else {})),
        errors=forms.summary(GiveForm if which == "give" else StandInForm, errors),
        may_give=work.actor.holds(GIVERS), may_stand_in=work.actor.holds(STAND_IN_GIVERS), today=work.today,
        names=await names(work, [n for h in held for n in (h.staff_no, h.stand_in_for, h.given_by)]),
        crumbs=[(_(ENTRY.label), URL), (code, "")],
    )


def _said(refusal: Refusal | None) -> dict[str, str]:
    if refusal is None:
        return {}
    return getattr(refusal, "errors", None) or {"": str(refusal)}


def _give_fields(code: str, typed: dict[str, Any] | None, errors: dict[str, str]) -> list[dict[str, Any]]:
    """The places are those of this post; without any the question falls away."""
    places = POSTS[code].subposts if code in POSTS else ()
    fields = _with_lookup(forms.shown(GiveForm, typed, errors))
    for field in fields:
        if field["name"] == "subposts":
            field["options"] = [(p.code, place_title(code, p.code)) for p in places]
    return [f for f in fields if f["name"] != "subposts" or places]


def _with_lookup(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two forms share the page, so neither takes the focus."""
    for field in fields:
        field["autofocus"] = False
        if field["kind"] == "lookup":
            field["url"] = f"{URL}/lookup/staff"
    return fields


@router.get("/office/posts/lookup/staff", dependencies=[allow(*STAND_IN_GIVERS)])
async def staff(work: WorkDep, q: str = "") -> list[dict[str, str]]:
    """Staff by the beginning of number or name, for the forms."""
    return [{"value": no, "label": name} for no, name in await suggest(work, q.strip()[:40])]


async def _done_or_again(
    request: Request, work: Work, code: str, which: str, model: Any, verb: Any, **fixed: Any
) -> Response:
    data = await forms.read(request, model)
    try:
        form = forms.validate(model, data, work)
        async with work.session.begin_nested():
            await verb(work, post=code, **form.model_dump(), **fixed)
    except NotAllowed:
        raise
    except Refusal as refusal:
        work.events.clear()
        return await _show(request, work, code, which=which, typed=data, refusal=refusal)
    return see_other(request, f"{URL}/{code}", toast=_(N_("{post}：已办"), post=post_title(code)))


@router.post(URL + "/{code}/give", dependencies=[allow(*GIVERS)])
async def give(request: Request, work: WorkDep, code: str) -> Response:
    """Give the post."""
    return await _done_or_again(request, work, code, "give", GiveForm, give_post)


@router.post(URL + "/{code}/stand-in", dependencies=[allow(*STAND_IN_GIVERS)])
async def stand_in(request: Request, work: WorkDep, code: str) -> Response:
    """Let somebody stand in."""
    return await _done_or_again(request, work, code, "stand-in", StandInForm, give_stand_in)


@router.post(URL + "/{code}/end/{id}", dependencies=[allow(*STAND_IN_GIVERS)])
async def end(request: Request, work: WorkDep, code: str, id: UUID) -> Response:
    """End a holding."""
    form = forms.validate(EndForm, await forms.read(request, EndForm), work)
    await end_post(work, holding_id=id, valid_to=form.valid_to)
    return see_other(request, f"{URL}/{code}", toast=_(N_("{post}：已办"), post=post_title(code)))
