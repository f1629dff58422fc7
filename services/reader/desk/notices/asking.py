"""The filters of the log, as they are typed into an address."""

from __future__ import annotations

from datetime import date

from services.reader.desk.codes import clean
from services.reader.desk.notices.model import Hook, NoticeState
from services.reader.desk.notices.queries import Asked
from services.reader.desk.patrons.queries import find
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


def choice_of(values: type[Hook | NoticeState], asked: str) -> Hook | NoticeState | None:
    """A filter as typed into an address; what is not known narrows nothing."""
    return values(asked) if asked in {one.value for one in values} else None


def day_of(asked: str, field: str) -> date | None:
    """A day as typed."""
    try:
        return date.fromisoformat(asked) if asked else None
    except ValueError as error:
        raise Invalid({field: N_("日期不对，请写成 2026-11-30 的样子")}) from error


async def asked_of(work: Work, *, q: str, hook: str, since: str, until: str) -> Asked | None:
    """The filters; None when there is no such patron."""
    patron = None
    if q.strip():
        found = await find(work.session, clean(q)) or await find(work.session, q)
        exact = [one for one in found if one.card == clean(q)] or found
        if not exact:
            return None
        patron = exact[0]
    kind = choice_of(Hook, hook)
    return Asked(
        kind if isinstance(kind, Hook) else None, patron.id if patron else None,
        day_of(since, "date_from"), day_of(until, "date_to"),
    )
