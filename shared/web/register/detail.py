"""One record's page: where it stands, what it is, what may be done, what it has been through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from shared import duties
from shared.i18n import _
from shared.web.pages import page
from shared.web.register import columns, errands, moves, trail
from shared.web.register.fields import specs
from shared.web.register.paths import back_of, crumbs
from shared.web.register.tables import attachment
from shared.web.register.writing import ask_fields

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work


async def show_record(register: Register, request: Request, work: Work, key: str) -> Response:
    """Fields, stages, what may be done, attachments, trail; as a page or in the drawer."""
    record = await moves.fetch(register, work, key)
    if register.sensitive:
        work.note("read", register.model.__tablename__, str(record.id))
    history = await trail.history(register, work, record)
    people = await trail.named(register, work, [record], history)
    actions = register.allowed(work.actor, record)
    back = back_of(register, request.query_params.get("back"), register.url_of(record))
    panels = [(p, await p.load(work, record)) for p in register.panels]
    attached = await work.session.execute(
        select(attachment).where(
            attachment.c.subject == register.model.__tablename__, attachment.c.record_id == record.id
        ).order_by(attachment.c.at)
    )
    state, errand = register.state_of(record), await errands.of(register, work, record)
    if errand and errand["trouble"] is None:
        actions = []
    return page(
        request, "register/detail.html", register=register, record=record, back=back,
        page_title=_heading(register, record), crumbs=crumbs(register, (register.key_of(record), "")),
        key=register.key_of(record), url=register.url_of(record), state=state,
        cells=[columns.cell(register, c, record, people) for c in _detail_cols(register, work)],
        stages=trail.stages(register, work, record, history, people) if state else [],
        trail=trail.entries(register, work, history, people), people=people,
        actions=actions, panels=panels, errand=errand,
        ask_fields={a.name: ask_fields(register, a) for a in actions if a.ask},
        attachments=[{**row, "by_name": people.get(row["by"], row["by"])} for row in attached.mappings()],
        can_edit=register.can_edit(work.actor, record), can_delete=register.can_delete(work.actor, record),
        can_attach=register.attach and (register.can_edit(work.actor, record) or bool(actions)),
        duties=[(d, duties.title(duties.DUTIES[d])) for d in register.serves if d in duties.DUTIES],
    )


def _heading(register: Register, record: Any) -> str:
    """The record's name; a bare number, year or month says of what."""
    name = register.name_of(record)
    bare = name == register.key_of(record) or not any(letter.isalpha() for letter in name)
    return f"{_(register.title)} {name}" if bare else name


def _detail_cols(register: Register, work: Work) -> list[Any]:
    """All columns, then what only the form knows; number and state stand in the heading."""
    found = [replace(c, kind="text") if c.kind == "ref" else c for c in register.seen_cols(work.actor)
             if c.name != register.key and not (c.name == "state" and register.life)]
    known = {c.name for c in register.cols}
    called = {c.label for c in register.cols}
    return [*found, *(
        columns.settle(register, columns.Col(s.name)) for s in specs(register.form)
        if s.name not in known and s.label not in called and s.kind != "file" and s.name in register.model.__mapper__.column_attrs
    ), *(columns.settle(register, columns.Col(n)) for n in ("created_by", "created_at") if n not in known)]
