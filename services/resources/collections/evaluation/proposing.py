"""Proposals nobody types: what the grades ask for."""

from __future__ import annotations

from typing import Any

from services.resources.collections.evaluation import queries, rules
from services.resources.collections.evaluation.model import By, Evaluation
from services.resources.collections.evaluation.proposals import proposals
from services.resources.collections.monthly.rules import class_name
from shared.i18n import N_, _
from shared.work import Work

FIGURES = N_("{name}：{copies} 册，外借 {loans} 次，利用系数 {used}，零利用 {idle}%，预约 {requests}，荐购 {suggested}")


async def propose(work: Work, one: Evaluation, _form: Any) -> None:
    """A line for every class whose grade asks for something and that has none of its kind yet."""
    total = await queries.total_of(work.session, one.id)
    classes, _n = await queries.lines(work.session, one.id, By.clc)
    said = await queries.opinions(work.session, one.id)
    there = {(found.clc, found.measure) for found in await queries.proposals(work.session, one.no)}
    for line in classes:
        measure = rules.MEASURES.get(queries.graded(line, said))
        if measure is None or (line.clc, measure) in there:
            continue
        used, idle = rules.relative_use(line, total), rules.zero_share(line)
        figures = _(FIGURES, name=class_name(line.clc), copies=line.copies, loans=line.loans, requests=line.requests,
                    suggested=line.suggested, used="—" if used is None else f"{used:.2f}", idle="—" if idle is None else f"{idle * 100:.1f}")
        comment = said[line.clc].comment if line.clc in said else ""
        await proposals.open(
            work, evaluation=one.no, clc=line.clc, measure=measure, text="\n".join(filter(None, (figures, comment)))[:1000],
        )
