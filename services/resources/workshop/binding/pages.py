"""送装清单: the list that travels with an order, for the printer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from services.resources.workshop.binding import queries, rules
from services.resources.workshop.binding.model import BookState, OrderState, SetState, Style, Way
from services.resources.workshop.binding.orders import orders
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page

router = Router(prefix="/resources/binding-orders", tags=["binding"], dependencies=[allow(*rules.READERS)])


@router.get("/{number}/list")
async def listed(request: Request, work: WorkDep, number: str) -> Response:
    """What goes along, as the binder ticks it off."""
    order = await queries.order_of(work.session, number)
    found, single = await queries.sets_on(work.session, order.no), await queries.books_on(work.session, order.no)
    return page(
        request, "binding/list.html", page_title=_(N_("送装清单 {number}"), number=order.no), order=order,
        sets=[(one, SetState(one.state), Style(one.style), rules.charge(order, one)) for one in found], state=OrderState(order.state), way=Way(order.way),
        total=sum(rules.charge(order, one) for one in found) + sum(rules.charge(order, one) for one in single), books=[(one, BookState(one.state), Style(one.style), rules.charge(order, one)) for one in single], crumbs=[(_(orders.title), orders.path), (order.no, f"{orders.path}/{order.no}"), (_(N_("清单")), "")],
    )
