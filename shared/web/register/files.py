"""Attachments of a record: whoever may see the record may see its files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotAllowed, NotFound
from shared.web.pages import see_other
from shared.web.register import forms, moves
from shared.web.register.tables import attachment

if TYPE_CHECKING:
    from shared.web.register.declare import Register

# Types a browser may show; anything else is saved to disk, never run in our origin.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"}


def install(register: Register, router: Router) -> None:
    """`GET …/<key>/files/<id>`, and `POST …/<key>/files` where the register takes attachments."""
    where = register.path + "/{key}/files"
    read = [allow(*register.read)]

    @router.get(where + "/{id}", dependencies=read)
    async def get(request: Request, work: WorkDep, key: str, id: UUID) -> Response:
        record = await moves.fetch(register, work, key)
        row = (await work.session.execute(
            select(attachment).where(
                attachment.c.id == id, attachment.c.record_id == record.id,
                attachment.c.subject == register.model.__tablename__,
            )
        )).first()
        if row is None:
            raise NotFound(key)
        if register.sensitive:
            work.note("read", register.model.__tablename__, str(record.id), file=row.name)
        data = await request.app.state.kit.files.get(row.digest)
        way = "inline" if row.media in SHOWN else "attachment"
        headers = {"content-disposition": f"{way}; filename*=utf-8''{quote(row.name)}", "cache-control": "no-store"}
        return Response(data, media_type=row.media if row.media in SHOWN else "application/octet-stream", headers=headers)

    if not register.attach:
        return

    @router.post(where, dependencies=read)
    async def add(request: Request, work: WorkDep, key: str) -> Response:
        record = await moves.fetch(register, work, key, lock=True)
        if not register.can_edit(work.actor, record) and not register.allowed(work.actor, record):
            raise NotAllowed
        uploads = await forms.uploads(request, (await request.form()).getlist("files"))
        work.follow(record.correlation)
        for upload in uploads:
            await moves.attach(register, work, record.id, upload)
            work.note("attach", register.model.__tablename__, str(record.id), file=[None, upload.name])
        return see_other(request, register.url_of(record), toast=_(N_("已添加 {n} 个附件"), n=len(uploads)))
