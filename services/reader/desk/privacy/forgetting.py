"""What each step of a run does: one bounded batch, in statements of a fixed number.

The facts about a loan or a hold lie in many tables; they lose their person together, in the transaction
that cuts the loan, so that nothing is left to put two and two together with. Where age alone decides, a
step looks only at what the run before it has not seen. docs/privacy.md says what becomes of which table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.reader.desk.privacy import rules
from services.reader.desk.privacy.model import LinkCut
from shared.settings import LOCAL
from shared.work import Work

# Whoever owes nothing and did not ask us to keep their history.
_FREE = "p.debt_fen <= 0 AND NOT p.keeps_history AND (CAST(:patron AS uuid) IS NULL OR p.id = :patron)"
_OPEN_CASE = "('searching', 'open', 'processing', 'refundable', 'refund_asked', 'refund_due')"
# The key of a fact: what it is about. The index ix_outbox_about is made for exactly this expression.
ABOUT = "coalesce(payload ->> 'number', payload ->> 'loan_id', payload ->> 'hold_id', payload ->> 'charge_id')"

_LOANS = text(
    "SELECT l.id FROM loan l JOIN patron p ON p.id = l.patron_id "
    f"WHERE l.patron_id IS NOT NULL AND l.returned_at IS NOT NULL AND l.returned_at < :before AND {_FREE} "
    f"AND NOT EXISTS (SELECT FROM loss c WHERE c.loan_id = l.id AND c.state IN {_OPEN_CASE}) "
    "LIMIT :batch FOR NO KEY UPDATE OF l SKIP LOCKED"
)
_CUT_LOANS = text("""
UPDATE loan l SET
    patron_id = NULL, card = NULL, delegate_card = '',
    lent_by = CASE WHEN EXISTS (SELECT FROM card_number n WHERE n.number = l.lent_by AND n.patron_id = l.patron_id)
                   THEN '' ELSE l.lent_by END,
    renewed_by = CASE WHEN EXISTS (SELECT FROM card_number n WHERE n.number = l.renewed_by AND n.patron_id = l.patron_id)
                      THEN '' ELSE l.renewed_by END,
    category = coalesce(nullif(l.category, ''), p.category),
    college = coalesce(nullif(l.college, ''), p.college),
    class_name = coalesce(nullif(l.class_name, ''), p.class_name)
FROM patron p WHERE p.id = l.patron_id AND l.id = ANY(:ids)
""")
_CUT_AUDIT = text("SELECT audit_forget(:subject, CAST(:keys AS text[]), :by)")  # triggers.py says what is lost
_CUT_FACTS = text(f"""
UPDATE outbox SET
    payload = payload || CASE WHEN payload ? 'charge_id' THEN jsonb_build_object('card', '', 'barcode', '')
                              ELSE jsonb_build_object('card', '') END,
    headers = CASE WHEN headers ->> 'kind' = 'patron' THEN headers || jsonb_build_object('actor', '') ELSE headers END
WHERE {ABOUT} = ANY(:keys) AND payload ? 'card'
""")
_CUT_LEDGER = text(
    "UPDATE ledger SET barcode = '', title = '', loan_id = NULL WHERE loan_id = ANY(:ids) RETURNING id"
)
_CUT_LOSSES = text(
    "UPDATE loss SET patron_id = NULL, card = '', charge_id = NULL WHERE loan_id = ANY(:ids) RETURNING id, no"
)
# A check knows its charge, and the charge its patron.
_CUT_CHECKS = text("UPDATE disc_check SET charge_id = NULL WHERE loan_id = ANY(:ids) OR charge_id = ANY(:ids)")
_HOLDS = text(
    "SELECT h.id FROM hold h JOIN patron p ON p.id = h.patron_id "
    f"WHERE h.ended_at IS NOT NULL AND h.ended_at < :before AND {_FREE} "
    "LIMIT :batch FOR NO KEY UPDATE OF h SKIP LOCKED"
)
_CUT_HOLDS = text("""
UPDATE hold h SET patron_id = NULL, card = '',
    placed_by = CASE WHEN EXISTS (SELECT FROM card_number n WHERE n.number = h.placed_by AND n.patron_id = h.patron_id)
                     THEN '' ELSE h.placed_by END
WHERE h.id = ANY(:ids)
""")
_CUT_MOVES = text("UPDATE hold_move SET card = '' WHERE hold_id = ANY(:ids) RETURNING id")
_WISHES = text(
    "SELECT s.id FROM suggestion s JOIN patron p ON p.id = s.patron_id "
    f"WHERE s.ended_at IS NOT NULL AND s.ended_at < :before AND {_FREE} "
    "LIMIT :batch FOR NO KEY UPDATE OF s SKIP LOCKED"
)
_CUT_WISHES = text("""
UPDATE suggestion SET patron_id = NULL, card = '', reason = '', placed_by = '' WHERE id = ANY(:ids) RETURNING no
""")
_CHARGES = text(
    "SELECT e.id FROM ledger e JOIN patron p ON p.id = e.patron_id "
    f"WHERE (e.title <> '' OR e.barcode <> '') AND e.loan_id IS NULL AND e.at < :before AND {_FREE} LIMIT :batch"
)
_CUT_CHARGES = text("UPDATE ledger SET barcode = '', title = '', loan_id = NULL WHERE id = ANY(:ids)")
_LINES = text("""
UPDATE sitting_line SET card = '', facts = facts - ARRAY['delegate', 'reasons', 'card']
WHERE id IN (SELECT id FROM sitting_line WHERE at < :before AND at >= :since
             AND (card <> '' OR facts ?| ARRAY['delegate', 'reasons', 'card']) LIMIT :batch)
""")
_SITTINGS = text("""
UPDATE sitting SET patron_id = NULL, seen_id = NULL, delegate = ''
WHERE started_at < :before AND (patron_id IS NOT NULL OR seen_id IS NOT NULL OR delegate <> '')
""")
_SIGN_OFFS = text("UPDATE sign_off SET card = '', facts = '{}' WHERE asked_at < :before AND card <> ''")
_SCANS = text("""
UPDATE offline_scan SET card = '', reasons = '[]'
WHERE id IN (SELECT s.id FROM offline_scan s JOIN offline_batch b ON b.id = s.batch_id
             WHERE b.at < :before AND b.at >= :since AND s.at < :before AND s.card <> '' LIMIT :batch)
""")
_TRANSITS = text("""
UPDATE transit SET card_tail = '' WHERE id IN (
    SELECT id FROM transit WHERE ended_at < :before AND card_tail <> '' LIMIT :batch) RETURNING id
""")
# A reader's place on a routing slip that has ended, or on a list that is no longer in force.
_STATIONS = text("""
UPDATE routing_step SET who = '' WHERE id IN (
    SELECT s.id FROM routing_step s JOIN routing_slip r ON r.id = s.slip_id
    WHERE s.kind = 'patron' AND s.who <> '' AND r.ended_at < :before LIMIT :batch) RETURNING id, slip_id
""")
_FORMER_LISTS = text("""
UPDATE routing_station SET who = '' WHERE kind = 'patron' AND who <> '' AND version_id IN (
    SELECT id FROM routing_version WHERE ended_at < :before)
""")
_PAGE = text("SELECT id FROM outbox WHERE id > :position AND created_at < :before ORDER BY id LIMIT :batch")
# What is about no loan, hold or charge of ours and still names a person beside a title: reading in the house.
_CUT_PAGE = text(f"""
UPDATE outbox SET payload = payload || jsonb_build_object('card', '')
WHERE id = ANY(:ids) AND nullif({ABOUT}, '') IS NULL AND payload ->> 'card' <> ''
  AND (payload ->> 'barcode' <> '' OR payload ->> 'title' <> '')
""")
_ANSWERS = text(
    "DELETE FROM idempotency WHERE (actor, key) IN ("
    "SELECT actor, key FROM idempotency WHERE at < :answers LIMIT :batch)"
)
_TERMINALS = text("DELETE FROM terminal_answer WHERE at < :terminals")
_PARKED = text("DELETE FROM inbox_parked WHERE resolved_at < :before")
_FILES = text("""
DELETE FROM card_row WHERE id IN (
    SELECT r.id FROM card_row r JOIN card_file f ON f.id = r.file_id WHERE f.finished_at < :before LIMIT :batch)
""")
_UNION_ROWS = text("""
DELETE FROM union_file_row WHERE id IN (
    SELECT r.id FROM union_file_row r JOIN union_file f ON f.id = r.file_id
    WHERE coalesce(f.finished_at, f.created_at) < :before LIMIT :batch)
""")
_LISTS = text("""
DELETE FROM pass_row WHERE id IN (
    SELECT r.id FROM pass_row r JOIN pass_list f ON f.id = r.list_id WHERE f.finished_at < :before LIMIT :batch)
""")


@dataclass(frozen=True, slots=True)
class Turn:
    """One batch of one run."""

    work: Work
    run: LinkCut
    size: int

    @property
    def before(self) -> datetime:
        """What is older than this is forgotten."""
        return datetime.combine(self.run.until, time(), LOCAL)

    def asked(self, **more: Any) -> dict[str, Any]:
        """The places of the statements."""
        since = self.run.since or date(1970, 1, 2)
        return {
            "before": self.before, "since": datetime.combine(since, time(), LOCAL), "batch": self.size,
            "patron": self.run.patron_id, **more,
        }

    async def ids(self, statement: Any, **more: Any) -> list[Any]:
        """The first column of what a statement gives."""
        return [row[0] for row in await self.work.session.execute(statement, self.asked(**more))]

    async def do(self, statement: Any, **more: Any) -> int:
        """Run it; how many rows it met."""
        done = await self.work.session.execute(statement, more or self.asked())
        return int(done.rowcount)  # type: ignore[attr-defined]

    async def traces(self, subject: str, keys: Sequence[Any]) -> None:
        """The audit rows of these records lose the person."""
        if keys:
            await self.do(_CUT_AUDIT, subject=subject, keys=[str(key) for key in keys], by=self.work.actor.id)

    async def facts(self, keys: Sequence[Any]) -> None:
        """The facts about these records lose the person."""
        if keys:
            await self.do(_CUT_FACTS, keys=[str(key) for key in keys])


async def _loans(turn: Turn) -> int:
    ids: list[UUID] = await turn.ids(_LOANS)
    if not ids:
        return 0
    await turn.do(_CUT_LOANS, ids=ids)
    await turn.traces("loan", ids)
    charges = [row[0] for row in await turn.work.session.execute(_CUT_LEDGER, {"ids": ids})]
    losses = (await turn.work.session.execute(_CUT_LOSSES, {"ids": ids})).all()
    await turn.traces("loss", [row.id for row in losses])
    await turn.do(_CUT_CHECKS, ids=ids)
    await turn.facts([*ids, *charges, *(row.no for row in losses)])
    turn.run.count += len(ids)
    return len(ids)


async def _holds(turn: Turn) -> int:
    ids: list[UUID] = await turn.ids(_HOLDS)
    if not ids:
        return 0
    await turn.do(_CUT_HOLDS, ids=ids)
    moves = [row[0] for row in await turn.work.session.execute(_CUT_MOVES, {"ids": ids})]
    await turn.traces("hold", ids)
    await turn.traces("hold_move", moves)
    await turn.facts(ids)
    return len(ids)


async def _wishes(turn: Turn) -> int:
    ids: list[UUID] = await turn.ids(_WISHES)
    if ids:
        numbers = [row[0] for row in await turn.work.session.execute(_CUT_WISHES, {"ids": ids})]
        await turn.traces("suggestion", ids)
        await turn.facts(numbers)
    return len(ids)


async def _charges(turn: Turn) -> int:
    ids: list[UUID] = await turn.ids(_CHARGES)
    if ids:
        await turn.do(_CUT_CHARGES, ids=ids)
        await turn.do(_CUT_CHECKS, ids=ids)
        await turn.facts(ids)
    return len(ids)


async def _lines(turn: Turn) -> int:
    done = await turn.do(_LINES)
    turn.run.lines += done
    if done < turn.size:
        await turn.do(_SITTINGS)
        await turn.do(_SIGN_OFFS)
    return done


async def _scans(turn: Turn) -> int:
    return await turn.do(_SCANS)


async def _transits(turn: Turn) -> int:
    ids = await turn.ids(_TRANSITS)
    await turn.traces("transit", ids)
    return len(ids)


async def _stations(turn: Turn) -> int:
    rows = (await turn.work.session.execute(_STATIONS, turn.asked())).all()
    await turn.traces("routing_step", [row.id for row in rows])
    await turn.traces("routing_slip", sorted({row.slip_id for row in rows}))
    if len(rows) < turn.size:
        await turn.do(_FORMER_LISTS)
    return len(rows)


async def _facts(turn: Turn) -> int:
    ids = await turn.ids(_PAGE, position=turn.run.position)
    if ids:
        await turn.do(_CUT_PAGE, ids=ids)
        turn.run.position = ids[-1]
    return len(ids)


async def _answers(turn: Turn) -> int:
    now = turn.work.now
    done = await turn.do(_ANSWERS, answers=now - timedelta(days=rules.ANSWER_DAYS), batch=turn.size)
    if done < turn.size:
        done += await turn.do(_TERMINALS, terminals=now - timedelta(days=rules.TERMINAL_DAYS))
        await turn.do(_PARKED, before=turn.before)
    return min(done, turn.size)


async def _files(turn: Turn) -> int:
    done = 0
    for lines in (_FILES, _LISTS, _UNION_ROWS):
        done = await turn.do(lines)
        if done == turn.size:
            break
    return done


STEPS: dict[str, Callable[[Turn], Awaitable[int]]] = {
    "loans": _loans, "holds": _holds, "wishes": _wishes, "charges": _charges, "lines": _lines, "scans": _scans,
    "transits": _transits, "stations": _stations, "facts": _facts, "answers": _answers, "files": _files,
}
