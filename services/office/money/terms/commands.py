"""Explaining a deviation, and auditing the report."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from services.office.money.terms import queries, rules
from services.office.money.terms.model import Deviation, TermReport, TermState
from shared.database import uuid7
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.states import NotFromHere
from shared.work import Work


async def explain(work: Work, number: str, fund: str, explanation: str) -> None:
    """Why the fund deviates, until the report is audited."""
    work.actor.require(*rules.FINANCE)
    report = await work.lock(TermReport, TermReport.no == number, what=number)
    if report.state != TermState.prepared:
        raise NotFromHere(TermState(report.state), "edit")
    said = explanation.strip()[:500]
    if len(said) < 2:
        raise Invalid({"explanation": N_("请说明偏差原因")})
    if fund not in {line.budget.fund for line in await queries.lines_of(work.session, report)}:
        raise NotFound(fund)
    row = {"id": uuid7(), "report": number, "fund": fund, "explanation": said, "by": work.actor.id}
    await work.session.execute(insert(Deviation).values(row).on_conflict_do_update(
        index_elements=["report", "fund"], set_={"explanation": said, "by": work.actor.id},
    ))
    work.note("explain", TermReport.__tablename__, str(report.id), fund=fund, explanation=said)


async def audit(work: Work, report: TermReport) -> None:
    """Another person has looked, and nothing large is unexplained."""
    rules.check_explained(await queries.lines_of(work.session, report))
    report.audited_by = work.actor.id
