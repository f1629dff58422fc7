"""The way of a wanted title from wish to shelf."""

from __future__ import annotations

from collections.abc import Mapping

from services.resources.acquiring.desiderata.model import Desideratum, TitleState
from services.resources.cataloguing.marc.isbn import isbn13
from shared.events.resources import TitleProgressed
from shared.i18n import N_
from shared.refusals import Refusal

BUYERS = ("RES-ACQ", "head-resources")
READERS = ("RES", "head-resources", "director", "deputy", "auditor")

S = TitleState
LIFE: Mapping[tuple[TitleState, str], TitleState] = {
    (S.wanted, "order"): S.ordered,
    (S.wanted, "cancel"): S.cancelled,
    (S.ordered, "release"): S.wanted,
    (S.ordered, "cancel"): S.cancelled,
    (S.ordered, "receive"): S.received,
    (S.received, "catalogue"): S.catalogued,
    (S.catalogued, "shelve"): S.on_shelf,
    (S.cancelled, "want"): S.wanted,
}
# The steps a person takes on the list itself; the others follow from orders, arrivals, cataloguing and handover.
BY_HAND: Mapping[tuple[TitleState, str], TitleState] = {
    (S.wanted, "cancel"): S.cancelled,
    (S.cancelled, "want"): S.wanted,
}


class AlreadyWanted(Refusal):
    """A title is on its way once; who else wants it joins."""

    code = "desiderata.already-wanted"
    message = N_("《{title}》已在待购书目：{number}（{state}）")


def clean_isbn(text: str) -> str:
    """The 13 digits, or what was given."""
    return isbn13(text) or text.strip()


def progressed(wish: Desideratum, *, parked: bool = False) -> TitleProgressed:
    """What whoever asked for the title hears; `parked`: its order waits for money, which moves the title nowhere."""
    return TitleProgressed(
        number=wish.no, title=wish.title, progress="funds" if parked else TitleState(wish.state).value, origin=str(wish.origin), origin_no=wish.origin_no,
        order_no=wish.order_no, instance_id=str(wish.instance_id or ""), reason=wish.cancel_reason,
        isbn=wish.isbn,
    )
