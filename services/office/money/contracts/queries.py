"""Contracts, their review sheet and what was paid on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.contracts import rules
from services.office.money.contracts.model import Contract, ContractReview, ContractState
from services.office.money.expenditure.model import Voucher, VoucherState
from shared.instalments import plan_of
from shared.web.register.people import names
from shared.web.register.tables import attachment
from shared.work import Work

SIGNED_COPY = "signed_copy"
SHOWN = 100


async def by_no(session: AsyncSession, number: str, *, lock: bool = False) -> Contract | None:
    """The contract with this number."""
    query = select(Contract).where(Contract.no == number.strip().upper()).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if lock else query)


async def of_reference(session: AsyncSession, reference: str, *, lock: bool = False) -> Contract | None:
    """The running contract a case of another department was reviewed as."""
    query = select(Contract).where(Contract.reference == reference, Contract.state != ContractState.withdrawn).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if lock else query)


async def has_signed_copy(session: AsyncSession, contract: Contract) -> bool:
    """Whether the paper itself is kept."""
    return bool(await session.scalar(select(func.count()).select_from(attachment).where(
        attachment.c.subject == Contract.__tablename__, attachment.c.record_id == contract.id, attachment.c.field == SIGNED_COPY,
    )))


async def suggest(work: Work, q: str) -> list[tuple[str, str]]:
    """Contracts one may pay on."""
    query = select(Contract).where(Contract.state.in_(rules.PAYABLE), Contract.search_text.contains(q.strip(), autoescape=True))
    found = await work.session.scalars(query.order_by(Contract.no.desc()).limit(20))
    return [(c.no, f"{c.party} {c.subject} · {rules.yuan(rules.room(c, prepayment=False))}") for c in found]


def own(work: Work) -> Sequence[Any]:
    """Whoever does not look after contracts sees those they brought."""
    return () if work.actor.holds(rules.READERS) else (Contract.created_by == work.actor.id,)


async def running(session: AsyncSession, today: date) -> Sequence[Contract]:
    """Those whose time passes: signed or in force, and approved ones that wait too long for the signature; locked."""
    late = today - timedelta(days=rules.SIGN_WITHIN_DAYS)
    query = select(Contract).where(or_(
        Contract.state.in_((ContractState.signed, ContractState.in_force)),
        (Contract.state == ContractState.approved) & (Contract.approved_on < late) & Contract.chased_on.is_(None),
    ))
    return (await session.scalars(query.order_by(Contract.no).with_for_update(skip_locked=True))).all()


async def page_of(work: Work, contract: Contract) -> dict[str, Any]:
    """The review sheet, the plan, the vouchers, main contract and supplements."""
    reviews = (await work.session.scalars(
        select(ContractReview).where(ContractReview.contract == contract.no).order_by(ContractReview.at)
    )).all()
    vouchers = (await work.session.scalars(
        select(Voucher).where(Voucher.contract == contract.no).order_by(Voucher.no).limit(SHOWN)
    )).all()
    supplements = (await work.session.scalars(
        select(Contract).where(Contract.main == contract.no).order_by(Contract.no).limit(SHOWN)
    )).all()
    return {
        "contract": contract, "reviews": reviews, "names": await names(work, [one.by for one in reviews]), "vouchers": vouchers, "supplements": supplements, "plan": plan_of(contract.plan),
        "left": rules.room(contract, prepayment=False), "prepay_left": max(rules.room(contract, prepayment=True), 0),
        "voucher_states": VoucherState, "states": ContractState, "overdue": rules.due(contract), "today": work.today,
    }
