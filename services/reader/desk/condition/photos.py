"""Pictures of damages: kept by content, typed by their bytes, shown to the desk alone."""

from __future__ import annotations

from services.reader.desk import DESK
from services.reader.desk.condition.model import Slip
from services.reader.desk.condition.queries import slip_by_number
from services.reader.desk.condition.rules import PHOTO_MB, photo_type
from shared.files import Store
from shared.i18n import N_
from shared.refusals import NotFound
from shared.work import Work


async def attach(work: Work, files: Store, number: str, data: bytes) -> Slip:
    """Keep a picture with the slip; the bytes decide whether it is one."""
    work.actor.require(*DESK)
    slip = await slip_by_number(work.session, number)
    kind = photo_type(data)
    slip.photo, _size = await files.put(data, limit_mb=PHOTO_MB)
    slip.photo_type = kind
    return slip


async def read(work: Work, files: Store, number: str) -> tuple[bytes, str]:
    """The picture and its type."""
    slip = await slip_by_number(work.session, number)
    if not slip.photo:
        raise NotFound(N_("照片"))
    return await files.get(slip.photo), slip.photo_type
