"""The screens of a register; every one is a full page that works without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared import duties
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotAllowed, Refusal
from shared.web.pages import page, see_other
from shared.web.register import batch, columns, exporting, forms, importing, listing, moves, trail, views
from shared.web.register.actions import Action, Filter
from shared.web.register.fields import specs
from shared.web.register.tables import attachment

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work

DONE = N_("{no}：{act}，已办")
# What each door does when a rule says no while a form is open: the form again, with the sentence.
RENDERED = (Invalid, moves.Clash)


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
        _creating(register, router)
    _lookups(register, router)

    @router.get(base + "/{key}", dependencies=read)
    async def detail(request: Request, work: WorkDep, key: str) -> Response:
        return await show_record(register, request, work, key)

    if register.edit_form is not None:
        _editing(register, router)
    _acting(register, router)
    if register.delete:
        @router.post(base + "/{key}/delete", dependencies=read)
        async def delete(request: Request, work: WorkDep, key: str) -> Response:
            await moves.remove(register, work, key)
            return see_other(request, base, toast=_(DONE, no=key, act=_(N_("删除"))))

    from shared.web.register import files

    files.install(register, router)


def crumbs(register: Register, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where the page stands."""
    return [(_(register.area), ""), (_(register.title), register.path), *more] if register.area else [
        (_(register.title), register.path), *more
    ]


def back_of(request: Request, register: Register, given: object, otherwise: str) -> str:
    """Where the person came from, if it is a page of this register."""
    text = str(given or "")
    mine = text == register.path or text.startswith((register.path + "?", register.path + "/"))
    return text if mine else otherwise


async def show_list(register: Register, request: Request, work: Work) -> Response:
    """Search, filters, tabs, rows, pager: the address is the state."""
    if not request.query_params and (start := await views.start(register, work)):
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
    here = register.path + (f"?{urlencode({**params, 'page': ask.page})}" if params or ask.page > 1 else "")
    return page(
        request, "register/list.html", register=register, page_title=_(register.title),
        crumbs=crumbs(register), ask=ask, params=params, here=here, rows=rows, filters=filters,
        columns=[{"key": c.name, "label": _(c.label), "kind": c.kind, "sort": c.sort} for c in cols],
        lead=_lead(cols), tabs=_tabs(register, ask, counts), total=total, pages=listing.pages_of(total, ask),
        sort=ask.sort or register.sort, can_create=register.can_create(work.actor),
        batch=_batchable(register, work, ask), saved=await views.shown(register, work, ask),
        placeholder="、".join(_label(register, n) for n in register.search),
        may_share=bool(work.actor.posts),
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
    from shared.web.register.actions import may

    found = [a for a in register.actions if a.batch and may(work.actor, a.by)]
    if ask.state and ask.state != "todo" and register.state:
        found = [a for a in found if (register.state(ask.state), a.name) in register.life_table]
    return found


async def show_record(
    register: Register, request: Request, work: Work, key: str, *, status: int = 200,
    asking: dict[str, Any] | None = None,
) -> Response:
    """Fields, stages, what may be done, attachments, trail; as a page or in the drawer."""
    record = await moves.fetch(register, work, key)
    if register.sensitive:
        work.note("read", register.model.__tablename__, str(record.id))
    history = await trail.history(register, work, record)
    people = await trail.named(register, work, [record], history)
    actions = register.allowed(work.actor, record)
    back = back_of(request, register, request.query_params.get("back"), register.url_of(record))
    panels = [(p, await p.load(work, record)) for p in register.panels]
    attached = await work.session.execute(
        select(attachment).where(
            attachment.c.subject == register.model.__tablename__, attachment.c.record_id == record.id
        ).order_by(attachment.c.at)
    )
    state = register.state_of(record)
    return page(
        request, "register/detail.html", status=status, register=register, record=record, back=back,
        page_title=register.name_of(record), crumbs=crumbs(register, (register.key_of(record), "")),
        key=register.key_of(record), url=register.url_of(record), state=state,
        cells=[columns.cell(register, c, record, people) for c in _detail_cols(register, work)],
        stages=trail.stages(register, work, record, history, people) if state else [],
        trail=trail.entries(register, work, history, people), people=people,
        actions=actions, asking=asking, panels=panels,
        ask_fields={a.name: ask_fields(register, a) for a in actions if a.ask},
        attachments=[{**row._mapping, "by_name": people.get(row.by, row.by)} for row in attached],
        can_edit=register.can_edit(work.actor, record), can_delete=register.can_delete(work.actor, record),
        can_attach=register.attach and (register.can_edit(work.actor, record) or bool(actions)),
        duties=[(d, duties.title(duties.DUTIES[d])) for d in register.serves if d in duties.DUTIES],
    )


def ask_fields(register: Register, action: Action, values: Any = None, errors: Any = None) -> list[dict[str, Any]]:
    """The small form an action asks."""
    lookup = f"{register.path}/lookup/{action.name}."
    return forms.shown(action.ask, values, errors, lookup=lookup)


def _detail_cols(register: Register, work: Work) -> list[Any]:
    """All columns, then what only the form knows."""
    found = register.seen_cols(work.actor)
    known = {c.name for c in register.cols}
    return [*found, *(
        columns.settle(register, columns.Col(s.name)) for s in specs(register.form)
        if s.name not in known and s.kind != "file" and s.name in register.model.__mapper__.column_attrs
    ), *(columns.settle(register, columns.Col(n)) for n in ("created_by", "created_at") if n not in known)]


def show_form(
    register: Register, request: Request, *, title: str, action: str, values: Any, model: Any,
    errors: dict[str, str] | None = None, version: int | None = None, cancel: str = "", verb: str = "",
) -> Response:
    """The form; with errors it comes back as 422 and keeps what was typed."""
    return page(
        request, "register/form.html", status=422 if errors else 200, register=register, page_title=title,
        crumbs=crumbs(register, (title, "")), action=action, version=version, cancel=cancel or register.path,
        fields=forms.shown(model, values, errors, lookup=f"{register.path}/lookup/"), verb=verb,
        errors=forms.summary(model, errors or {}),
    )


def said_no(refusal: Refusal) -> dict[str, str]:
    """A refusal as errors of the open form."""
    if isinstance(refusal, Invalid):
        return refusal.errors or {"": str(refusal)}
    return {"": "；".join(str(r) for r in refusal.reasons) or str(refusal)}


def _creating(register: Register, router: Router) -> None:
    base = register.path

    def form(request: Request, values: Any = None, errors: dict[str, str] | None = None) -> Response:
        return show_form(
            register, request, title=_(N_("新建{title}"), title=_(register.title)), action=base, values=values,
            model=register.form, errors=errors, verb=_(N_("保存")),
        )

    @router.get(base + "/new", dependencies=[allow(*_plain(register.create))])
    async def new(request: Request, work: WorkDep) -> Response:
        given = {s.name: request.query_params[s.name] for s in specs(register.form)
                 if s.name in request.query_params}
        defaults = {s.name: s.default for s in specs(register.form)}
        return form(request, {**defaults, **given} if given else None)

    @router.post(base, dependencies=[allow(*_plain(register.create))])
    async def create(request: Request, work: WorkDep) -> Response:
        data = await forms.read(request, register.form)
        try:
            record = await moves.open_record(register, work, data, checked=True)
        except Refusal as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            return form(request, data, said_no(refusal))
        no = register.key_of(record)
        return see_other(request, register.url_of(record), toast=_(DONE, no=no, act=_(N_("登记"))))


def _plain(rights: tuple[str, ...]) -> tuple[str, ...]:
    """Rights a route can check before the record is known."""
    return tuple("staff" if r.startswith("@") else r for r in rights)


def _editing(register: Register, router: Router) -> None:
    where = register.path + "/{key}/edit"
    read = [allow(*register.read)]

    async def form(
        request: Request, work: Work, key: str, values: Any = None, errors: dict[str, str] | None = None,
        version: int | None = None,
    ) -> Response:
        record = await moves.fetch(register, work, key)
        if not register.can_edit(work.actor, record):
            raise NotAllowed
        return show_form(
            register, request, title=_(N_("修改 {no}"), no=key), action=register.url_of(record) + "/edit",
            values=values if values is not None else forms.values_of(register.edit_form, record),
            model=register.edit_form, errors=errors, version=version or record.version,
            cancel=register.url_of(record), verb=_(N_("保存修改")),
        )

    @router.get(where, dependencies=read)
    async def edit(request: Request, work: WorkDep, key: str) -> Response:
        return await form(request, work, key)

    @router.post(where, dependencies=read)
    async def save(request: Request, work: WorkDep, key: str) -> Response:
        data = await forms.read(request, register.edit_form)
        version = await version_of(request)
        try:
            record = await moves.amend(register, work, key, data, version=version, checked=True)
        except Refusal as refusal:
            if not isinstance(refusal, RENDERED):
                raise
            await work.session.rollback()
            return await form(request, work, key, data, said_no(refusal), version)
        return see_other(request, register.url_of(record), toast=_(DONE, no=key, act=_(N_("修改"))))


async def version_of(request: Request) -> int | None:
    """The version the person was looking at."""
    text = str((await request.form()).get("version") or "")
    return int(text) if text.isdecimal() else None


def _acting(register: Register, router: Router) -> None:
    where = register.path + "/{key}/act/{name}"
    read = [allow(*register.read)]

    async def form(
        request: Request, work: Work, key: str, action: Action, values: Any = None,
        errors: dict[str, str] | None = None, back: str = "", version: int | None = None,
    ) -> Response:
        record = await moves.fetch(register, work, key)
        moves.admit(register, work, record, action)
        return page(
            request, "register/act.html", status=422 if errors else 200, register=register, act=action,
            page_title=f"{_(action.label)} · {register.name_of(record)}", key=key, url=register.url_of(record),
            crumbs=crumbs(register, (key, register.url_of(record)), (_(action.label), "")),
            version=version or record.version, fields=ask_fields(register, action, values, errors),
            errors=forms.summary(action.ask, errors or {}),
            back=back or back_of(request, register, request.query_params.get("back"), register.url_of(record)),
        )

    @router.get(where, dependencies=read)
    async def ask(request: Request, work: WorkDep, key: str, name: str) -> Response:
        return await form(request, work, key, moves.verb(register, name))

    @router.post(where, dependencies=read)
    async def act(request: Request, work: WorkDep, key: str, name: str) -> Response:
        action = moves.verb(register, name)
        data = await forms.read(request, action.ask)
        sent, version = await request.form(), await version_of(request)
        back = back_of(request, register, sent.get("back"), f"{register.path}/{key}")
        try:
            await moves.act(register, work, key, name, data, version=version)
        except Refusal as refusal:
            if action.ask is None or not isinstance(refusal, RENDERED):
                raise
            await work.session.rollback()
            return await form(request, work, key, action, data, said_no(refusal), back, version)
        return see_other(request, back, toast=_(DONE, no=key, act=_(action.label)))


def _lookups(register: Register, router: Router) -> None:
    sources = {s.name: (s, register.create + register.edit) for s in specs(register.form)}
    sources |= {s.name: (s, register.create + register.edit) for s in specs(register.edit_form)}
    for action in register.actions:
        sources |= {f"{action.name}.{s.name}": (s, action.by) for s in specs(action.ask)}
    sources = {name: pair for name, pair in sources.items() if pair[0].ui.source}
    if not sources:
        return

    @router.get(register.path + "/lookup/{name}", dependencies=[allow(*register.read, *_plain(register.create))])
    async def lookup(work: WorkDep, name: str, q: str = "") -> list[Any]:
        from shared.refusals import NotFound

        if name not in sources:
            raise NotFound(name)
        source = sources[name][0].ui.source
        assert source
        found = await source(work, q.strip()[:60])
        return [one if isinstance(one, str) else {"value": one[0], "label": one[1]} for one in found]
