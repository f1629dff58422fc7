"""What becomes of a title: its use is counted, the rule is met, a person decides, those who asked are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from services.resources.acquiring.checking import queries as checking
from services.resources.acquiring.checking.rules import Known, title_of
from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.desiderata.queries import by_numbers
from services.resources.acquiring.funds.model import FundLine
from services.resources.acquiring.ondemand import queries, rules
from services.resources.acquiring.ondemand.model import DemandPool, OfferState, PoolOffer
from services.resources.acquiring.suggestions.rules import answer_by
from shared.events.reader import OfferUsed
from shared.events.resources import DemandMet, OffersClosed, SuggestionDecided
from shared.i18n import N_, _, speaking
from shared.refusals import Invalid
from shared.settings import LOCAL
from shared.states import step
from shared.work import Work

AT_ONCE = 500
LABELS = {
    OfferState.bought: N_("已列入采购"), OfferState.held: N_("已有或已在采购"), OfferState.refused: N_("不购"), OfferState.withdrawn: N_("已撤出"),
    OfferState.ended: N_("到期未购"),
}


async def used(work: Work, fact: OfferUsed) -> None:
    """The count is theirs who see the readers; a title that is decided already answers who asks late."""
    await work.session.flush()
    try:
        offer, pool = await queries.offer_by_no(work.session, fact.offer, lock=True)
    except rules.UnknownPool:
        return
    if fact.wish:
        offer.wishes = [one for one in offer.wishes if one != fact.wish] + ([] if fact.withdrawn else [fact.wish])
    offer.requests, offer.teachers = fact.requests, fact.teachers
    if offer.state is OfferState.offered:
        await weigh(work, pool, offer)
    elif fact.wish and not fact.withdrawn:
        await _answer(work, pool, offer, [fact.wish])


async def weigh(work: Work, pool: DemandPool, offer: PoolOffer) -> None:
    """If the rule is met: looked up once more, then wanted, or before a person; the pool is locked by the caller."""
    rule = await queries.rule_of(work.session, pool)
    if not rules.met(rule, offer.requests, offer.teachers):
        return
    known = await _look(work, offer)
    if known.copies or known.coming:
        await _have(work, pool, offer, known)
        return
    month = datetime.combine(work.today.replace(day=1), time(), LOCAL)
    line = await work.session.get(FundLine, rule.fund)
    against = rules.obstacles(
        rule, offer.price_cents, spent=await queries.spent(work.session, pool.id, month), available=line.available if line is not None and line.open else 0,
    )
    if not against:
        await _buy(work, pool, offer)
        return
    offer.state = step(rules.LIFE, offer.state, "ask")
    with speaking("zh"):
        offer.reason = "；".join(_(one) for one in against)
    await work.session.flush()
    _met(work, pool, offer, "review")
    await _answer(work, pool, offer, offer.wishes)


async def _look(work: Work, offer: PoolOffer) -> Known:
    return (await checking.look(work.session, [title_of(offer.title, offer.author, offer.isbn)]))[0]


async def _have(work: Work, pool: DemandPool, offer: PoolOffer, known: Known) -> None:
    offer.state, offer.title_no = step(rules.LIFE, offer.state, "have"), known.coming
    offer.reason = N_("已在采购途中") if known.coming else N_("馆内已有，请到馆藏检索查看")
    await _settle(work, pool, offer)


async def _buy(work: Work, pool: DemandPool, offer: PoolOffer) -> None:
    wish = await desiderata.want(
        work, title=offer.title, author=offer.author, publisher=offer.publisher, year=offer.year, isbn=offer.isbn, price_cents=offer.price_cents,
        origin=Origin.demand, origin_no=offer.no, note=pool.no,
    )
    offer.state, offer.title_no = step(rules.LIFE, offer.state, "buy"), wish.no
    await _settle(work, pool, offer)


async def _settle(work: Work, pool: DemandPool, offer: PoolOffer) -> None:
    offer.decided_by, offer.decided_at = work.actor.id, work.now
    await work.session.flush()
    _met(work, pool, offer, offer.state.value)
    await _answer(work, pool, offer, offer.wishes)
    work.emit(OffersClosed(pool=pool.no, offers=(offer.no,), outcome=offer.state.value, outcome_label=LABELS[offer.state]), correlation=pool.correlation)


def _met(work: Work, pool: DemandPool, offer: PoolOffer, outcome: str) -> None:
    work.emit(DemandMet(
        pool=pool.no, offer=offer.no, title=offer.title, requests=offer.requests, teachers=offer.teachers, outcome=outcome, title_no=offer.title_no,
    ), correlation=pool.correlation)


async def _answer(work: Work, pool: DemandPool, offer: PoolOffer, wishes: Sequence[str]) -> None:
    """Those who asked hear it as with a suggestion; while a person has to decide, that is a piece of their work."""
    if not wishes and offer.state is not OfferState.review and not offer.reason:
        return
    progress, decision = "", "refused"
    if offer.title_no:
        wanted = (await by_numbers(work.session, [offer.title_no])).get(offer.title_no)
        decision, progress = "accepted", str(wanted.state) if wanted else ""
    elif offer.state is OfferState.review:
        decision = "held"
    work.emit(SuggestionDecided(
        number=offer.no, title=offer.title, wishes=tuple(wishes), decision=decision, reason=offer.reason if decision != "held" else N_("已达到购买条件，待审批"),
        title_no=offer.title_no, progress=progress, answer_by=answer_by(work.today) if decision == "held" else None,
    ), correlation=pool.correlation)


async def decide(work: Work, *, no: str, buy: bool, reason: str = "") -> PoolOffer:
    """A person's word on what exceeds the rule; not of the one who drew the pool up."""
    work.actor.require(*rules.BUYERS)
    offer, pool = await queries.offer_by_no(work.session, no, lock=True)
    if pool.created_by == work.actor.id:
        raise rules.SameBuyer
    if not buy and not reason.strip():
        raise Invalid({"reason": N_("请写明不购的原因")})
    step(rules.LIFE, offer.state, "refuse")
    known = await _look(work, offer)
    offer.reason = reason.strip()[:200]
    if not buy:
        offer.state = step(rules.LIFE, offer.state, "refuse")
        await _settle(work, pool, offer)
    elif known.copies or known.coming:
        await _have(work, pool, offer, known)
    else:
        await _buy(work, pool, offer)
    return offer


async def close(work: Work, pool: DemandPool, offers: Sequence[PoolOffer], action: str, reason: str) -> None:
    """These are no longer on offer; readers' department forgets who used them, and whoever asked is told."""
    for offer in offers:
        offer.state, offer.reason = step(rules.LIFE, offer.state, action), reason
        offer.decided_by, offer.decided_at = work.actor.id, work.now
    await work.session.flush()
    for offer in offers:
        if offer.wishes:
            await _answer(work, pool, offer, offer.wishes)
    for at in range(0, len(offers), AT_ONCE):
        part = offers[at:at + AT_ONCE]
        work.emit(OffersClosed(
            pool=pool.no, offers=tuple(one.no for one in part), outcome=part[0].state.value, outcome_label=LABELS[part[0].state],
        ), correlation=pool.correlation)
