"""Saved views: a list's address under a name, for one person or for the colleagues of a post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from starlette.requests import Request
from starlette.responses import Response

from shared.database import uuid7
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.web.pages import see_other
from shared.web.register import listing
from shared.web.register.tables import saved_view as views
from shared.work import Work

if TYPE_CHECKING:
    from shared.web.register.declare import Register


def _mine(register: Register, work: Work) -> Any:
    return and_(views.c.register == register.topic, views.c.owner == work.actor.id)


async def start(register: Register, work: Work) -> str:
    """The query this person's list opens with, if they chose one."""
    found = await work.session.scalar(select(views.c.query).where(_mine(register, work), views.c.is_default))
    return found or ""


async def shown(register: Register, work: Work, ask: listing.Asked) -> list[dict[str, Any]]:
    """Own views and those shared with one of the person's posts."""
    seen = or_(views.c.owner == work.actor.id, views.c.shared_with.in_(work.actor.posts or ("",)))
    shared = and_(seen, or_(views.c.owner == work.actor.id, views.c.shared_with != ""))
    rows = await work.session.execute(
        select(views).where(views.c.register == register.topic, shared).order_by(views.c.name)
    )
    now = query_of(ask)
    return [
        {
            "id": row.id, "name": row.name, "url": f"{register.path}?{row.query}", "mine": row.owner == work.actor.id,
            "default": row.is_default and row.owner == work.actor.id, "active": row.query == now,
        }
        for row in rows
    ]


def query_of(ask: listing.Asked) -> str:
    """The address of what is shown now; never blank, so that it differs from "my default"."""
    return urlencode(sorted((ask.params() or {"state": "all"}).items()))


async def keep(register: Register, work: Work, *, name: str, ask: listing.Asked, shared_with: str = "") -> None:
    """Write the view down; a view of the same name is replaced."""
    if not name:
        raise Invalid({"name": _(N_("请给视图起个名字"))})
    row = {
        "id": uuid7(), "register": register.topic, "owner": work.actor.id, "name": name[:40],
        "query": query_of(ask), "shared_with": shared_with,
    }
    statement = insert(views).values(row)
    await work.session.execute(
        statement.on_conflict_do_update(
            index_elements=["register", "owner", "name"],
            set_={"query": row["query"], "shared_with": shared_with},
        )
    )


async def prefer(register: Register, work: Work, id: UUID | None) -> None:
    """The list opens with this view from now on; None opens it plain."""
    if id and not await work.session.scalar(select(views.c.id).where(_mine(register, work), views.c.id == id)):
        raise NotFound(id)
    await work.session.execute(update(views).where(_mine(register, work)).values(is_default=views.c.id == id))


def install(register: Register, router: Router) -> None:
    """`POST …/views`, `…/views/<id>/default|delete`."""
    # Views belong to people: a public list has readers who are nobody in particular.
    read = [allow(*(r for r in register.read if r != "*"), *(("staff", "patron") if "*" in register.read else ()))]

    @router.post(register.path + "/views", dependencies=read)
    async def save(request: Request, work: WorkDep) -> Response:
        sent = {k: str(v) for k, v in (await request.form()).items()}
        ask = listing.asked(register, sent)
        post = sent.get("shared_with", "")
        await keep(
            register, work, name=sent.get("name", "").strip(), ask=ask,
            shared_with=post if post in work.actor.posts else "",
        )
        return see_other(request, f"{register.path}?{query_of(ask)}", toast=_(N_("视图已保存")))

    @router.post(register.path + "/views/{id}/default", dependencies=read)
    async def default(request: Request, work: WorkDep, id: UUID) -> Response:
        sent = await request.form()
        await prefer(register, work, None if sent.get("off") else id)
        return see_other(request, register.path + "?state=all", toast=_(N_("已更改打开时的视图")))

    @router.post(register.path + "/views/{id}/delete", dependencies=read)
    async def remove(request: Request, work: WorkDep, id: UUID) -> Response:
        await work.session.execute(delete(views).where(_mine(register, work), views.c.id == id))
        return see_other(request, register.path + "?state=all", toast=_(N_("视图已删除")))
