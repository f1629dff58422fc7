"""The proof of the ledger: what must hold, balances by kind, and shift by shift down to the office's voucher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.books.rules import Check, moment
from services.reader.desk.cash.model import Deposit, Shift
from services.reader.desk.cash.queries import takings
from services.reader.desk.cash.rules import Takings
from services.reader.desk.charges.model import Entry, Kind, Posting
from shared.i18n import N_

MOST = 50
# code → (what must hold, SQL that finds what breaks it: one text column `about` first).
CHECKS: Mapping[str, tuple[str, str]] = {
    "debts": (N_("每位读者的欠费等于其流水之和"), """
        SELECT p.card AS about, p.debt_fen AS says, coalesce(sum(e.amount_fen), 0) AS is
        FROM patron p LEFT JOIN ledger e ON e.patron_id = p.id GROUP BY p.id, p.card, p.debt_fen
        HAVING p.debt_fen <> coalesce(sum(e.amount_fen), 0)"""),
    "negative": (N_("没有读者欠费为负"), "SELECT card AS about, debt_fen AS says, 0 AS is FROM patron WHERE debt_fen < 0"),
    "settled-once": (N_("每笔欠费只结清一次，且足额"), """
        SELECT min(c.barcode || ' ' || c.card) AS about, -sum(s.amount_fen) AS says, c.amount_fen AS is
        FROM ledger s JOIN ledger c ON c.id = s.charge_id GROUP BY c.id, c.amount_fen
        HAVING count(*) > 1 OR sum(s.amount_fen) <> -c.amount_fen"""),
    "refund-pairs": (N_("退款与免除成对，合计为零"), """
        SELECT min(receipt) AS about, sum(amount_fen) AS says, 0 AS is FROM ledger WHERE refunds_id IS NOT NULL
        GROUP BY refunds_id HAVING sum(amount_fen) <> 0 OR count(*) % 2 <> 0"""),
    "refund-paid": (N_("退款不多于原收款"), """
        SELECT r.receipt AS about, r.amount_fen AS says, -p.amount_fen AS is FROM ledger r JOIN ledger p ON p.id = r.refunds_id
        WHERE r.posting = 'refund' AND r.amount_fen > -p.amount_fen"""),
    "receipts": (N_("每笔收款、减免、冲销、退款都有收据"), """
        SELECT id::text AS about, amount_fen AS says, 0 AS is FROM ledger WHERE posting <> 'charge' AND receipt = ''"""),
    "gaps": (N_("收据号连续，没有缺号"), """
        SELECT 'SJ' || n.year || '-' || lpad(g::text, greatest(4, length(g::text)), '0') AS about, g AS says, n.last AS is
        FROM number_sequence n, generate_series(1, n.last) AS g WHERE n.kind = 'SJ' AND NOT EXISTS (
            SELECT FROM ledger e WHERE e.receipt = 'SJ' || n.year || '-' || lpad(g::text, greatest(4, length(g::text)), '0'))"""),
    "one-receipt": (N_("一张收据只有一位读者、一个班次、一种结清方式"), """
        SELECT receipt AS about, count(DISTINCT card) AS says, 1 AS is FROM ledger WHERE receipt <> '' GROUP BY receipt
        HAVING count(DISTINCT patron_id) > 1 OR count(DISTINCT shift_id) > 1
            OR count(DISTINCT CASE posting WHEN 'credit' THEN 'refund' WHEN 'credit_undone' THEN 'refund_undone' ELSE posting END) > 1"""),
    "shifts": (N_("每笔收款都在一个班次里"), """
        SELECT receipt AS about, -amount_fen AS says, 0 AS is FROM ledger WHERE posting = 'payment' AND shift_id IS NULL"""),
    "expected": (N_("班次的应有现金等于其现金收款与押金"), """
        SELECT s.no AS about, s.expected_fen AS says, till.cash AS is FROM cash_shift s CROSS JOIN LATERAL (SELECT
            coalesce((SELECT -sum(e.amount_fen) FROM ledger e WHERE e.shift_id = s.id AND e.method = 'cash'), 0)
            + coalesce((SELECT sum(u.amount_fen) FROM union_deposit u
                WHERE u.shift_id = s.id AND u.method = 'cash' AND u.posting = 'received'), 0) AS cash) till
        WHERE s.expected_fen <> till.cash"""),
    "deposits": (N_("缴款单等于其班次实点之和"), """
        SELECT d.slip_no AS about, d.amount_fen AS says, coalesce(sum(s.counted_fen), 0) AS is
        FROM cash_deposit d LEFT JOIN cash_shift s ON s.deposit_id = d.id WHERE d.voucher_state <> 'returned' GROUP BY d.id
        HAVING d.amount_fen <> coalesce(sum(s.counted_fen), 0)"""),
    "vouchers": (N_("缴款单与办公室凭证金额一致"), """
        SELECT slip_no || ' ' || voucher AS about, amount_fen AS says, voucher_fen AS is FROM cash_deposit
        WHERE voucher <> '' AND amount_fen <> voucher_fen"""),
    "refund-vouchers": (N_("退款与办公室凭证金额一致"), """
        SELECT l.no || ' ' || l.refund_voucher AS about, coalesce(sum(r.amount_fen), 0) AS says, l.voucher_fen AS is
        FROM loss l LEFT JOIN ledger p ON p.charge_id = l.charge_id AND p.posting = 'payment'
        LEFT JOIN ledger r ON r.refunds_id = p.id AND r.posting IN ('refund', 'refund_undone')
        WHERE l.state = 'refunded' AND l.voucher_fen IS NOT NULL GROUP BY l.id
        HAVING l.voucher_fen <> coalesce(sum(r.amount_fen), 0)"""),
    "kept-deposits": (N_("押金抵扣与结清的欠费金额一致"), """
        SELECT coalesce(k.receipt, e.receipt) AS about, coalesce(k.amount_fen, 0) AS says, coalesce(e.fen, 0) AS is
        FROM (SELECT receipt, settles, amount_fen FROM union_deposit WHERE posting = 'kept') AS k
        FULL JOIN (SELECT receipt, sum(amount_fen) AS fen FROM ledger WHERE method = 'deposit' AND posting = 'payment' GROUP BY receipt)
            AS e ON e.receipt = k.settles
        WHERE coalesce(k.amount_fen, 0) <> coalesce(e.fen, 0)"""),
    "append-only": (N_("流水只增不改的防护在位"), """
        SELECT name AS about, 0 AS says, 1 AS is FROM unnest(ARRAY['ledger_kept', 'ledger_checked']) AS name
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = 'ledger'::regclass AND tgname = name AND tgenabled <> 'D')"""),
}


async def verify(session: AsyncSession) -> list[Check]:
    """Ask the database everything that must hold; each answer names what breaks it."""
    found = []
    for code, (says, sql) in CHECKS.items():
        rows = (await session.execute(text(f"SELECT * FROM ({sql}) AS broken ORDER BY about LIMIT {MOST + 1}"))).mappings().all()
        found.append(Check(code, says, [dict(row) for row in rows[:MOST]], max(0, len(rows) - MOST)))
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """One kind of charge over a span: what was owed before, what came and went, what is owed after."""

    kind: Kind
    opening: int
    moved: Mapping[Posting, int]

    @property
    def closing(self) -> int:
        """Owed at the end."""
        return self.opening + sum(self.moved.values())


async def balances(session: AsyncSession, first: date, after: date) -> list[Balance]:
    """Every kind, whether anything happened or not; sums of the ledger and nothing else."""
    start, end = moment(first), moment(after)
    opening: dict[Kind, int] = {row[0]: int(row[1]) for row in await session.execute(
        select(Entry.kind, func.sum(Entry.amount_fen)).where(Entry.at < start).group_by(Entry.kind)
    )}
    moved: dict[Kind, dict[Posting, int]] = {}
    for kind, posting, total in await session.execute(
        select(Entry.kind, Entry.posting, func.sum(Entry.amount_fen))
        .where(Entry.at >= start, Entry.at < end).group_by(Entry.kind, Entry.posting)
    ):
        moved.setdefault(kind, {})[posting] = int(total)
    return [
        Balance(kind, opening.get(kind, 0), {one: moved.get(kind, {}).get(one, 0) for one in Posting})
        for kind in Kind
    ]


@dataclass(frozen=True, slots=True)
class ShiftProof:
    """A shift beside its deposit and the office's voucher; `wrong` says in words what does not agree."""

    shift: Shift
    sums: Takings
    deposit: Deposit | None

    @property
    def wrong(self) -> list[str]:
        """Message ids; empty when everything agrees."""
        found = []
        if self.shift.expected_fen is not None and self.shift.expected_fen != self.sums.expected:
            found.append(N_("应有现金与流水不符"))
        if self.deposit and self.deposit.voucher and self.deposit.voucher_fen != self.deposit.amount_fen:
            found.append(N_("凭证金额与缴款单不符"))
        if self.deposit and self.deposit.voucher_state == "returned":
            found.append(N_("凭证已退回"))
        return found


async def shifts_of(session: AsyncSession, first: date, after: date) -> Sequence[ShiftProof]:
    """The shifts opened in a span, oldest first."""
    rows = (await session.execute(
        select(Shift, Deposit).outerjoin(Deposit, Deposit.id == Shift.deposit_id)
        .where(Shift.opened_at >= moment(first), Shift.opened_at < moment(after)).order_by(Shift.no)
    )).all()
    sums = await takings(session, [shift.id for shift, _deposit in rows])
    return [ShiftProof(shift, sums[shift.id], deposit) for shift, deposit in rows]


def check_json(check: Check) -> dict[str, Any]:
    """A check on the wire."""
    return {"code": check.code, "ok": check.ok, "says": check.says, "found": list(check.found), "more": check.more}
