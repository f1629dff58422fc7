"""The hold shelf: what waits to be fetched and what is to be pulled."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.holds import commands, queries
from services.reader.desk.items.commands import put_away
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.queries import names_of
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page, see_other

router = Router(prefix="/reader/holds", tags=["holds"], dependencies=[allow(*DESK)])


@router.get("")
async def shelf(request: Request, work: WorkDep) -> Response:
    """By slot, the overdue ones marked; below it what nobody will fetch, and who still waits."""
    ready = await queries.shelf(work.session)
    waiting = await queries.all_waiting(work.session)
    ids = [hold.patron_id for hold in [*ready, *waiting]]
    return page(
        request, "holds/shelf.html", page_title=_(N_("预约架")), ready=ready, waiting=waiting,
        pull=await queries.to_pull(work.session), patrons=await names_of(work.session, ids),
        today=work.today, page_url="/reader/holds",
    )


@router.post("/pull/{barcode}")
async def pull(request: Request, work: WorkDep, barcode: str) -> Response:
    """下架."""
    item = await lock_item(work.session, clean(barcode))
    hold = await commands.pull(work, item)
    if hold is None:
        put_away(work, item)
        said = _(N_("《{title}》已下预约架，请归架"), title=item.title)
    else:
        said = _(N_("《{title}》转给下一位，预约架 {shelf}"), title=item.title, shelf=hold.shelf)
    return see_other(request, "/reader/holds", toast=said)
