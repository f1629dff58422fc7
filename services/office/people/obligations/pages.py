"""The board: what is red, amber and green, department by department, and where it is silent."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.office.people.ledger.queries import Search, counts
from services.office.people.obligations.commands import explain_missed
from services.office.people.obligations.model import ObligationState
from services.office.people.obligations.queries import tallies, waiting
from services.office.people.obligations.rules import (
    EXPLAINERS,
    SILENT_AFTER_DAYS,
    explainers,
    period_of,
    rooms_url,
)
from services.office.people.post_duties.queries import holders_by_post
from services.office.people.post_duties.rules import dept_name, duties_of, post_title
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, DUTIES, POSTS, title
from shared.i18n import N_, _
from shared.identity import Actor
from shared.refusals import Invalid
from shared.settings import LOCAL
from shared.web.pages import Entry, page, see_other
from shared.web.register import F, forms
from shared.web.register.people import names
from shared.work import Work

router = Router()
URL = "/office/obligations"
ENTRY = Entry(
    N_("应办看板"), URL, icon="layout-dashboard", who=("staff",), badge="", serves=("OFF-ADM-01",),
    help=N_("按周期应办的职责：到期提醒、逾期说明、顶班接办"),
)
OVERALL = ("director", "OFF-ADM")
S = ObligationState
SHOWN = (S.red, S.amber, S.open, S.met, S.explained)


class ExplainForm(BaseModel):
    reason: str = F(N_("说明"), min_length=2, max_length=500, rows=3)


def seen_departments(actor: Actor) -> list[str]:
    """The whole house for the director and OFF-ADM, one's own department for everybody else."""
    if actor.holds(OVERALL):
        return list(DEPARTMENTS)
    headed = {post.removeprefix("head-") for post in actor.posts if post.startswith("head-")}
    held = {POSTS[post].department for post in actor.posts if post in POSTS}
    mine = headed | held | {actor.dept}
    return [slug for slug in DEPARTMENTS if slug in mine]


async def _silence(work: Work) -> dict[str, tuple[int, int]]:
    """Post → duties its holders owe, and how many of them show no evidence lately."""
    since = datetime.combine(work.today - timedelta(days=SILENT_AFTER_DAYS), time.min, LOCAL)
    done = await counts(work.session, Search(since=since), "duty")
    found = {}
    for post, holdings in (await holders_by_post(work.session, work.today)).items():
        owed = {d.id for d in duties_of(holdings) if d.post == post}
        if owed:
            found[post] = (len(owed), sum(1 for id in owed if id not in done))
    return found


async def _board(work: Work) -> list[dict[str, Any]]:
    month = period_of("monthly", work.today)
    silent = await _silence(work)
    table: dict[str, dict[S, int]] = defaultdict(lambda: dict.fromkeys(SHOWN, 0))
    for tally in await tallies(work.session, month.first, month.last):
        if tally.state in SHOWN:
            table[tally.post][tally.state] += tally.n
    rows: dict[str, list[dict[str, Any]]] = {slug: [] for slug in seen_departments(work.actor)}
    for code, post in POSTS.items():
        if post.department in rows:
            owed, mute = silent.get(code, (0, 0))
            rows[post.department].append(
                {"post": code, "title": post_title(code), "n": table[code], "owed": owed, "silent": mute}
            )
    return [{"slug": slug, "title": dept_name(slug), "posts": posts} for slug, posts in rows.items()]


@router.get(URL, dependencies=[allow("staff")])
async def board(request: Request, work: WorkDep) -> Response:
    """Counts of the month, what was missed, what is near, and duties nobody hears of."""
    departments = await _board(work)
    shown = {d["slug"] for d in departments}
    missed = [o for o in await waiting(work.session, (S.red,)) if o.department in shown]
    near = [o for o in await waiting(work.session, (S.amber, S.open), limit=60) if o.department in shown]
    totals = {
        state: sum(p["n"][state] for d in departments for p in d["posts"]) for state in SHOWN
    }
    return page(
        request, "office/obligations.html", page_title=_(ENTRY.label), departments=departments, missed=missed,
        near=near, totals=totals, states=SHOWN, S=S, duties=DUTIES, duty_title=title, rooms_url=rooms_url,
        names=await names(work, [n for o in (*missed, *near) for n in (o.holder, o.on_behalf_of)]),
        may_explain={o.id: work.actor.holds(explainers(o.department)) and o.holder != work.actor.id for o in missed},
        silent_days=SILENT_AFTER_DAYS, today=work.today,
    )


@router.post(URL + "/{id}/explain", dependencies=[allow(*EXPLAINERS)])
async def explain(request: Request, work: WorkDep, id: UUID) -> Response:
    """Keep the head's explanation."""
    form = forms.validate(ExplainForm, await forms.read(request, ExplainForm), work)
    if not isinstance(form, ExplainForm):
        raise Invalid
    obligation = await explain_missed(work, obligation_id=id, reason=form.reason)
    return see_other(request, URL, toast=_(N_("{duty} 已说明"), duty=title(DUTIES[obligation.duty])))
