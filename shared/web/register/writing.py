"""The doors through which people change a record: create, edit, and the form an action asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal, SamePerson
from shared.states import NotFromHere
from shared.web.pages import page, see_other
from shared.web.register import errands, forms, moves
from shared.web.register.actions import Action
from shared.web.register.fields import specs
from shared.web.register.paths import back_of, crumbs, plain_rights

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work

DONE = N_("{no}：{act}，已办")
# A filled form can do nothing about these; any other "no" is said in the form, which keeps its values.
BEYOND = (NotAllowed, NotFound, NotFromHere, Conflict, SamePerson)


def ask_fields(register: Register, action: Action, values: Any = None, errors: Any = None) -> list[dict[str, Any]]:
    """The small form an action asks."""
    lookup = f"{register.path}/lookup/{action.name}."
    return forms.shown(action.ask, values, errors, lookup=lookup)


def show_form(
    register: Register, request: Request, *, title: str, action: str, values: Any, model: Any,
    errors: dict[str, str] | None = None, version: int | None = None, cancel: str = "", verb: str = "", named: str = "",
) -> Response:
    """The form; with errors it comes back as 422 and keeps what was typed."""
    return page(
        request, "register/form.html", status=422 if errors else 200, register=register, page_title=title, named=named,
        crumbs=crumbs(register, (title, "")), action=action, version=version, cancel=cancel or register.path,
        fields=forms.shown(model, values, errors, lookup=f"{register.path}/lookup/"), verb=verb,
        errors=forms.summary(model, errors or {}),
    )


def said_no(refusal: Refusal) -> dict[str, str]:
    """A refusal as errors of the open form."""
    if isinstance(refusal, Invalid):
        return refusal.errors or {"": str(refusal)}
    return {"": _("；").join(str(r) for r in refusal.reasons) or str(refusal)}


def creating(register: Register, router: Router) -> None:
    """`…/new` and POST to the list."""
    base = register.path

    def form(request: Request, values: Any = None, errors: dict[str, str] | None = None) -> Response:
        return show_form(
            register, request, title=_(N_("新建：{title}"), title=_(register.title)), action=base, values=values,
            model=register.form, errors=errors, verb=_(N_("保存")),
        )

    @router.get(base + "/new", dependencies=[allow(*plain_rights(register.create))])
    async def new(request: Request) -> Response:
        given = {s.name: request.query_params[s.name] for s in specs(register.form)
                 if s.name in request.query_params}
        defaults = {s.name: s.default for s in specs(register.form)}
        return form(request, {**defaults, **given} if given else None)

    @router.post(base, dependencies=[allow(*plain_rights(register.create))])
    async def create(request: Request, work: WorkDep) -> Response:
        data = await forms.read(request, register.form)
        try:
            record = await moves.open_record(register, work, data, checked=True)
        except Refusal as refusal:
            if isinstance(refusal, BEYOND):
                raise
            return form(request, data, said_no(refusal))
        no = register.key_of(record)
        return see_other(request, register.url_of(record), toast=_(DONE, no=no, act=_(N_("登记"))))


def editing(register: Register, router: Router) -> None:
    """`…/<key>/edit`."""
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
            register, request, title=_(N_("修改")), named=register.name_of(record), action=register.url_of(record) + "/edit",
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
            if isinstance(refusal, BEYOND):
                raise
            await work.session.rollback()
            return await form(request, work, key, data, said_no(refusal), version)
        return see_other(request, register.url_of(record), toast=_(DONE, no=key, act=_(N_("修改"))))


async def version_of(request: Request) -> int | None:
    """The version the person was looking at."""
    text = str((await request.form()).get("version") or "")
    return int(text) if text.isdecimal() else None


def acting(register: Register, router: Router) -> None:
    """`…/<key>/act/<action>`."""
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
            page_title=_(action.label), named=register.name_of(record), key=key, url=register.url_of(record),
            crumbs=crumbs(register, (key, register.url_of(record)), (_(action.label), "")),
            version=version or record.version, fields=ask_fields(register, action, values, errors),
            errors=forms.summary(action.ask, errors or {}),
            back=back or back_of(register, request.query_params.get("back"), register.url_of(record)),
        )

    @router.get(where, dependencies=read)
    async def ask(request: Request, work: WorkDep, key: str, name: str) -> Response:
        return await form(request, work, key, moves.verb(register, name))

    @router.post(where, dependencies=read)
    async def act(request: Request, work: WorkDep, key: str, name: str) -> Response:
        action = moves.verb(register, name)
        data = await forms.read(request, action.ask)
        sent, version = await request.form(), await version_of(request)
        back = back_of(register, sent.get("back"), f"{register.path}/{key}")
        try:
            if await errands.put_off(register, work, key, name, data, version=version):
                return see_other(request, f"{register.path}/{key}", toast=_(errands.SENT, no=key, act=_(action.label)))
            await moves.act(register, work, key, name, data, version=version)
        except Refusal as refusal:
            if action.ask is None or isinstance(refusal, BEYOND):
                raise
            await work.session.rollback()
            return await form(request, work, key, action, data, said_no(refusal), back, version)
        return see_other(request, back, toast=_(DONE, no=key, act=_(action.label)))


def lookups(register: Register, router: Router) -> None:
    """`…/lookup/<field>?q=`: suggestions while somebody types."""
    asked = {s.name: s for s in (*specs(register.form), *specs(register.edit_form))}
    for action in register.actions:
        asked |= {f"{action.name}.{s.name}": s for s in specs(action.ask)}
    sources = {name: spec.ui.source for name, spec in asked.items() if spec.ui.source}
    if not sources:
        return

    @router.get(register.path + "/lookup/{name}", dependencies=[allow(*register.read, *plain_rights(register.create))])
    async def lookup(work: WorkDep, name: str, q: str = "") -> list[Any]:
        if name not in sources:
            raise NotFound(name)
        found = await sources[name](work, q.strip()[:60])
        return [one if isinstance(one, str) else {"value": one[0], "label": one[1]} for one in found]
