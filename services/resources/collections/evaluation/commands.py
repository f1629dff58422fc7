"""Making an evaluation, saying something of a class, proposing, handing on, publishing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.resources.cataloguing.items.queries import locations, plenty
from services.resources.collections.evaluation import queries, rules, statements
from services.resources.collections.evaluation.model import (
    Audience,
    By,
    Carrier,
    Evaluation,
    EvaluationProposal,
    EvaluationState,
    Grade,
    Opinion,
    ProposalState,
)
from shared.events.resources import ClassGrade, EvaluationPublished
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.register import errands
from shared.work import Work

_LONG = text("SET LOCAL statement_timeout = '180s'")


async def begin(work: Work, one: Evaluation, _form: Any) -> None:
    """An evaluation and its first figures, at once or a little later."""
    await _bound(work, one)
    work.session.add(one)
    await work.session.flush()
    await _count(work, one)


async def change(work: Work, one: Evaluation, _form: Any) -> None:
    """Another scope has other figures."""
    await _bound(work, one)
    await _count(work, one)


async def _count(work: Work, one: Evaluation) -> None:
    if await plenty(work):
        await errands.want(work, "evaluations", one.no, "compute")
    else:
        await compute(work, one, None)


async def _bound(work: Work, one: Evaluation) -> None:
    one.first, one.until = rules.span_of(one.month_from, one.month_to)
    one.month_from, one.month_to = one.month_from.strip(), one.month_to.strip()
    one.subject = rules.subject_of(one.subject)
    one.location = one.location.strip()
    if one.location and one.location not in await locations(work.session):
        raise Invalid({"location": _(N_("没有这个馆藏地"))})


async def compute(work: Work, one: Evaluation, _form: Any) -> None:
    """Count anew: stock and use in one statement, demand in another; then every class gets its grade."""
    await work.session.flush()
    await work.session.execute(_LONG)
    asked = queries.scope(one)
    for statement in (statements.CLEAR, statements.FIGURES, statements.DEMAND):
        await work.session.execute(statement, {name: asked[name] for name in statement.compile().params})
    total = await queries.total_of(work.session, one.id)
    classes, _n = await queries.lines(work.session, one.id, By.clc)
    for line in classes:
        line.grade = rules.grade(line, total)
    one.copies, one.added, one.loans, one.computed_at = total.copies, total.added, total.loans, work.now


async def say(work: Work, number: str, *, clc: str, grade: Grade, comment: str) -> None:
    """What whoever evaluates thinks of a class; another grade than the rule's says why."""
    work.actor.require(*rules.MAKERS)
    one = await work.lock(Evaluation, Evaluation.no == number, what=number)
    if one.state != EvaluationState.draft:
        raise rules.Settled(number=number)
    line = await queries.line_of(work.session, one.id, clc)
    if line is None:
        raise rules.UnknownEvaluation(f"{number} {clc}")
    if grade is not line.grade and len(comment) < 2:
        raise rules.NeedsWhy({"comment": _(N_("与按指标得出的结论不同，请写明理由"))})
    row = {"grade": grade, "comment": comment, "by": work.actor.id, "at": work.now}
    await work.session.execute(
        insert(Opinion).values(evaluation_id=one.id, clc=clc, **row)
        .on_conflict_do_update(index_elements=["evaluation_id", "clc"], set_=row)
    )
    work.note("remark", "evaluation", one.no, clc=clc, grade=grade.value)


async def begin_proposal(work: Work, line: EvaluationProposal, _form: Any) -> None:
    """By hand, or of an evaluation that is still being made."""
    line.clc = rules.subject_of(line.clc) if line.clc else ""
    places = await locations(work.session)
    line.location, line.target, line.language = (line.location or "").strip(), (line.target or "").strip(), (line.language or "").strip().lower()
    wrong = {name: _(N_("没有这个馆藏地")) for name in ("location", "target") if (code := getattr(line, name)) and code not in places}
    if line.target and line.target == line.location:
        wrong["target"] = _(N_("本来就在这个馆藏地"))
    if wrong:
        raise Invalid(wrong)
    line.evaluation = (line.evaluation or "").strip()
    if not line.evaluation:
        return
    one = await work.lock(Evaluation, Evaluation.no == line.evaluation, what=line.evaluation)
    if one.state != EvaluationState.draft:
        raise rules.Settled(number=one.no)
    line.correlation = one.correlation


async def decide(work: Work, line: EvaluationProposal, _form: Any) -> None:
    """Whoever leads the department answers."""
    line.decided_by = work.actor.id


async def finish(work: Work, line: EvaluationProposal, _form: Any) -> ProposalState:
    """It was done; what came of it stays with the line."""
    line.done_on = work.today
    return ProposalState.done


async def submit(work: Work, one: Evaluation, _form: Any) -> None:
    """The period is over; the figures are counted once more."""
    if one.until > work.today:
        raise rules.NotOver(month=one.month_to)
    await compute(work, one, None)
    one.submitted_by = work.actor.id


async def publish(work: Work, one: Evaluation, _form: Any) -> None:
    """By a second person: from here on it stands, and everybody who plans by it hears."""
    one.published_by, one.published_on = work.actor.id, work.today
    total = await queries.total_of(work.session, one.id)
    classes, _n = await queries.lines(work.session, one.id, By.clc)
    said = await queries.opinions(work.session, one.id)
    work.emit(EvaluationPublished(
        number=one.no, title=one.title, first=one.first, last=queries.last_day(one), location=one.location, clc=one.subject,
        carrier=Carrier(one.carrier).value, copies=total.copies, added=total.added, loans=total.loans, requests=total.requests,
        suggested=total.suggested, audience=Audience(one.audience).value, conclusion=one.conclusion,
        grades=tuple(ClassGrade(
            clc=line.clc, grade=queries.graded(line, said).value, titles=line.titles, copies=line.copies, loans=line.loans, zero=line.zero,
        ) for line in classes),
    ), correlation=one.correlation)
