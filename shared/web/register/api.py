"""The JSON door: the same commands as the screens, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.audit import plain
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.register import columns, errands, listing, moves
from shared.web.register.fields import specs
from shared.web.register.paths import plain_rights

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work


def as_json(register: Register, work: Work, record: Any) -> dict[str, Any]:
    """The record for programs: its columns and fields, its state, and what the caller may do now."""
    hidden = {c.name for c in register.cols if c.who and not work.actor.holds(c.who)}
    mapped = register.model.__mapper__.column_attrs
    declared = [c.name for c in register.cols] + [s.name for s in specs(register.form)]
    names = [n for n in dict.fromkeys(declared) if n in mapped and n not in hidden]
    found = {"no": register.key_of(record), "version": record.version}
    found |= {n: plain(getattr(record, n)) for n in names}
    found |= {
        c.name: columns.wire(c, record) for c in register.seen_cols(work.actor) if c.value is not None
    }
    if (state := register.state_of(record)) is not None:
        found |= {"state": state.value, "state_label": state.text}
    return {
        **found, "created_by": record.created_by, "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(), "correlation": str(record.correlation),
        "url": register.url_of(record), "actions": [a.name for a in register.allowed(work.actor, record)],
    }


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; an empty body is an empty object."""
    raw = await request.body()
    try:
        found = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise Invalid({"": _(N_("内容不是有效的 JSON"))}) from error
    if not isinstance(found, dict):
        raise Invalid({"": _(N_("内容不是有效的 JSON"))})
    return found


def _version(body: dict[str, Any]) -> int | None:
    value = body.pop("version", None)
    return value if isinstance(value, int) else None


def install(register: Register, router: Router) -> None:
    """GET list and one, POST create, PATCH, POST action."""
    base, read = register.api_path, [allow(*register.read)]
    tags: list[Any] = [register.slug]

    @router.get(base, dependencies=read, tags=tags, name=f"{register.slug}.list")
    async def many(request: Request, work: WorkDep) -> dict[str, Any]:
        ask = listing.asked(register, request.query_params)
        total = (await listing.counts(register, work, ask)).get(ask.state, 0)
        records = await listing.rows(register, work, ask)
        more = ask.page * ask.size < total
        return {
            "items": [as_json(register, work, r) for r in records], "total": total,
            "next": str(request.url.include_query_params(page=ask.page + 1).replace(scheme="", netloc=""))
            if more else None,
        }

    @router.get(base + "/{key}", dependencies=read, tags=tags, name=f"{register.slug}.get")
    async def one(work: WorkDep, key: str) -> dict[str, Any]:
        record = await moves.fetch(register, work, key)
        if register.sensitive:
            work.note("read", register.model.__tablename__, str(record.id))
        return as_json(register, work, record)

    if register.form is not None and register.create:
        @router.post(
            base, dependencies=[allow(*plain_rights(register.create))], tags=tags, status_code=201,
            name=f"{register.slug}.create", response_class=JSONResponse,
        )
        async def create(request: Request, work: WorkDep) -> Response:
            record = await moves.open_record(register, work, await body_of(request), checked=True)
            location = f"{base}/{register.key_of(record)}"
            return JSONResponse(as_json(register, work, record), 201, headers={"location": location})

    if register.edit_form is not None:
        @router.patch(base + "/{key}", dependencies=read, tags=tags, name=f"{register.slug}.amend")
        async def amend(request: Request, work: WorkDep, key: str) -> dict[str, Any]:
            body = await body_of(request)
            version = _version(body)
            record = await moves.amend(
                register, work, key, body, version=version, partial=True, checked=True
            )
            return as_json(register, work, record)

    if register.delete:
        @router.delete(base + "/{key}", dependencies=read, tags=tags, status_code=204, name=f"{register.slug}.delete")
        async def delete(work: WorkDep, key: str) -> Response:
            await moves.remove(register, work, key)
            return Response(status_code=204)

    @router.post(base + "/{key}/{action}", dependencies=read, tags=tags, name=f"{register.slug}.act")
    async def act(request: Request, response: Response, work: WorkDep, key: str, action: str) -> dict[str, Any]:
        body = await body_of(request)
        version = _version(body)
        if await errands.put_off(register, work, key, action, body, version=version):
            response.status_code = 202
            return as_json(register, work, await moves.fetch(register, work, key))
        record = await moves.act(register, work, key, action, body, version=version)
        return as_json(register, work, record)
