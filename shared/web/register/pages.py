"""The screens of a register; every one is a full page that works without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page, see_other
from shared.web.register import (
    batch,
    columns,
    detail,
    exporting,
    files,
    importing,
    listing,
    moves,
    trail,
    views,
    writing,
)
from shared.web.register.actions import Action, Filter, may
from shared.web.register.paths import crumbs

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work

def install(register: Register, router: Router) -> None:
    """Put the register's pages on the router; fixed names before `{key}`."""
    base, read = register.path, [allow(*register.read)]
    batch.install(register, router)
    views.install(register, router)
    if register.export:
        exporting.install(register, router)
    if register.importing:
        importing.install(register, router)

    @router.get(base, dependencies=read)
    async def listed(request: Request, work: WorkDep) -> Response:
        return await show_list(register, request, work)

    if register.form is not None and register.create:
        writing.creating(register, router)
    writing.lookups(register, router)

    @router.get(base + "/{key}", dependencies=read)
    async def shown(request: Request, work: WorkDep, key: str) -> Response:
        return await detail.show_record(register, request, work, key)

    if register.edit_form is not None:
        writing.editing(register, router)
    writing.acting(register, router)
    if register.delete:
        @router.post(base + "/{key}/delete", dependencies=read)
        async def delete(request: Request, work: WorkDep, key: str) -> Response:
            await moves.remove(register, work, key)
            return see_other(request, base, toast=_(writing.DONE, no=key, act=_(N_("删除"))))

    files.install(register, router)


async def show_list(register: Register, request: Request, work: Work) -> Response:
    """Search, filters, tabs, rows, pager: the address is the state."""
    known = work.actor.kind != "anonymous"
    if known and not request.query_params and (start := await views.start(register, work)):
        return RedirectResponse(f"{register.path}?{start}", status_code=303)
    ask = listing.asked(register, request.query_params)
    counts = await listing.counts(register, work, ask)
    total = counts.get(ask.state, 0)
    ask.page = min(ask.page, listing.pages_of(total, ask))
    records = await listing.rows(register, work, ask)
    people = await trail.named(register, work, records)
    cols = [c for c in register.seen_cols(work.actor) if not c.detail_only]
    rows = [_row(register, work, r, cols, people) for r in records]
    filters = [f for name, declared in register.filters.items()
               for f in await _filter(register, work, ask, name, declared)]
    params = ask.params()
    place = {**params, "page": str(ask.page)} if ask.page > 1 else params
    here = register.path + "?" + urlencode(place or {"state": "all"})
    return page(
        request, "register/list.html", register=register, page_title=_(register.title),
        crumbs=crumbs(register), ask=ask, params=params, here=here, rows=rows, filters=filters,
        columns=[{"key": c.name, "label": _(c.label), "kind": columns.CSS.get(c.kind, ""), "sort": c.sort} for c in cols],
        lead=_lead(cols), tabs=_tabs(register, ask, counts), total=total, pages=listing.pages_of(total, ask),
        sort=ask.sort or register.sort, can_create=register.can_create(work.actor),
        batch=_batchable(register, work, ask), saved=await views.shown(register, work, ask) if known else [],
        placeholder=_("、").join(_label(register, n) for n in register.search),
        may_share=bool(work.actor.posts), known=known, may_reveal=register.personal(work.actor),
    )


def _label(register: Register, name: str) -> str:
    col = next((c for c in register.cols if c.name == name), None)
    return _(col.label) if col else _(columns.KNOWN.get(name, name))


def _lead(cols: list[Any]) -> str:
    """The column a phone card begins with: the first that is words."""
    return next((c.name for c in cols if c.kind in ("text", "link")), cols[0].name if cols else "")


def _row(register: Register, work: Work, record: Any, cols: list[Any], people: dict[str, str]) -> dict[str, Any]:
    due = register.due_of(record)
    late = due is not None and (due < work.now if hasattr(due, "hour") else due < work.today)
    return {
        "key": register.key_of(record), "url": register.url_of(record), "version": record.version,
        "cells": [columns.cell(register, c, record, people) for c in cols],
        "actions": [a for a in register.allowed(work.actor, record) if a.row], "tone": "warn" if late else "",
    }


def _tabs(register: Register, ask: listing.Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    if register.life is None or register.state is None:
        return []
    kept = {k: v for k, v in ask.params().items() if k != "state"}

    def tab(label: str, state: str, n: int) -> dict[str, Any]:
        query = urlencode({**kept, "state": state or "all"})
        return {"label": label, "url": f"{register.path}?{query}", "count": n, "active": ask.state == state}

    found = [tab(_(N_("全部")), "", counts[""])]
    if "todo" in counts:
        found.append(tab(_(N_("待我处理")), "todo", counts["todo"]))
    return found + [tab(s.text, s.value, counts.get(s.value, 0)) for s in register.state]


async def _filter(
    register: Register, work: Work, ask: listing.Asked, name: str, declared: str | Filter
) -> list[dict[str, Any]]:
    label = _(declared.label if isinstance(declared, Filter) else declared)
    if isinstance(declared, Filter) and declared.kind == "dates":
        ends = (("from", _(N_("{label}自"), label=label)), ("to", _(N_("{label}至"), label=label)))
        return [
            {"name": f"{name}_{end}", "label": text, "kind": "date", "value": ask.filters.get(f"{name}_{end}", "")}
            for end, text in ends
        ]
    options = await listing.options(register, work, name, declared)
    return [{"name": name, "label": label, "value": ask.filters.get(name, ""), "options": options}]


def _batchable(register: Register, work: Work, ask: listing.Asked) -> list[Action]:
    """Actions worth offering for many rows: those this person may take in the state that is shown."""
    found = [a for a in register.actions if a.batch and may(work.actor, a.by)]
    if ask.state and ask.state != "todo" and register.state:
        found = [a for a in found if (register.state(ask.state), a.name) in register.life_table]
    return found
