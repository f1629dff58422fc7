"""催缺函: what one supplier owes, in one letter."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.serial_claims import queries, rules
from services.resources.acquiring.serial_claims.register import serial_claims
from services.resources.acquiring.suppliers.queries import by_no
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page, see_other

HOME = "/resources/serial-claim-letters"
TITLE = N_("报刊催缺函")
# Claims whose supplier is not known are one letter too, for whoever finds out.
NOBODY = "-"
router = Router(prefix=HOME, tags=["serial claims"], dependencies=[allow(*rules.BUYERS)])


@router.get("")
async def suppliers(request: Request, work: WorkDep) -> Response:
    """Who gets a letter now."""
    found = await queries.suppliers_due(work.session, work.today)
    return page(request, "serial_claims/suppliers.html", page_title=_(TITLE), found=found, nobody=NOBODY, today=work.today)


@router.get("/{supplier}")
async def letter(request: Request, work: WorkDep, supplier: str) -> Response:
    """The letter, to be printed or copied."""
    key = "" if supplier == NOBODY else supplier
    found = await queries.letter(work.session, key, work.today)
    if not found:
        raise rules.NothingToSend(supplier)
    known = await by_no(work.session, key) if key else None
    name = known.name if known else _(N_("未登记供货商"))
    return page(
        request, "serial_claims/letter.html", page_title=name, title_is_data=True, found=found, key=supplier, name=name, supplier=known, rules=rules,
        today=work.today, crumbs=[(_(TITLE), HOME), (name, "")], last=any(claim.round + 1 == rules.LAST for claim in found),
    )


@router.post("/{supplier}/sent")
async def sent(request: Request, work: WorkDep, supplier: str) -> Response:
    """已寄出: the claims that were ticked climb a rung."""
    given = await request.form()
    asked = {str(one) for one in given.getlist("claims")}
    due = await queries.letter(work.session, "" if supplier == NOBODY else supplier, work.today)
    moved = [claim.no for claim in due if claim.no in asked]
    for number in moved:
        await serial_claims.move(work, number, "claim")
    return see_other(request, HOME, toast=_(N_("已登记催缺 {n} 期"), n=len(moved)), tone="ok" if moved else "warn")
