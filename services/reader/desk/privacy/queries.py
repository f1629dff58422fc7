"""Who looked at whose loans, what was cut, and everything we know of one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.charges.model import Entry
from services.reader.desk.charges.queries import entry_json
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import loan_json
from services.reader.desk.clearance.model import Clearance
from services.reader.desk.clearance.queries import clearance_json
from services.reader.desk.holds.model import Hold
from services.reader.desk.looks import LOOKS
from services.reader.desk.patrons.model import CardNumber, IdentityCheck, Note, Patron
from services.reader.desk.patrons.queries import record_json
from services.reader.desk.privacy.model import LinkCut, RunState
from services.reader.desk.violations.queries import own as own_violations
from services.reader.discovery.suggestions.model import Suggestion
from shared.audit import audit
from shared.i18n import N_, _
from shared.work import Work


async def looks(
    session: AsyncSession, *, who: str = "", whose: str = "", what: str = "", limit: int = 25, offset: int = 0
) -> tuple[Sequence[Any], int]:
    """Sensitive reads, newest first, of one colleague, of one card or item, of one kind."""
    where: list[Any] = [audit.c.action.in_([what] if what in LOOKS else list(LOOKS))]
    if who:
        where.append(audit.c.actor == who)
    if whose:
        where.append(audit.c.subject_id == whose)
    total = await session.scalar(select(func.count()).select_from(audit).where(*where)) or 0
    rows = await session.execute(
        select(audit).where(*where).order_by(audit.c.id.desc()).limit(limit).offset(offset)
    )
    return rows.all(), total


async def names_by_card(session: AsyncSession, cards: Sequence[str]) -> dict[str, str]:
    """Names for the cards of a list."""
    rows = await session.execute(
        select(CardNumber.number, Patron.name).join(Patron, Patron.id == CardNumber.patron_id)
        .where(CardNumber.number.in_(cards))
    )
    return dict(rows.all())


async def proofs(session: AsyncSession, *, limit: int = 25, offset: int = 0) -> tuple[Sequence[LinkCut], int]:
    """The runs that forgot, newest first."""
    total = await session.scalar(select(func.count()).select_from(LinkCut)) or 0
    rows = await session.scalars(select(LinkCut).order_by(LinkCut.at.desc(), LinkCut.id.desc()).limit(limit).offset(offset))
    return rows.all(), total


async def running(session: AsyncSession) -> LinkCut | None:
    """The run that is under way."""
    return await session.scalar(
        select(LinkCut).where(LinkCut.state == RunState.running, LinkCut.patron_id.is_(None))
    )


def run_json(run: LinkCut) -> dict[str, Any]:
    """A run on the wire."""
    return {
        "at": run.at, "until": run.until, "state": run.state.value, "step": run.step, "loans": run.count,
        "rows": run.counts, "ledger": run.money, "finished_at": run.finished_at, "asked_by_patron": run.patron_id is not None,
    }


async def everything(work: Work, patron: Patron) -> dict[str, Any]:
    """All we hold about one person, for that person."""
    async def of(model: Any, order: Any) -> Sequence[Any]:
        return (await work.session.scalars(select(model).where(model.patron_id == patron.id).order_by(order))).all()

    seen = await work.session.execute(
        select(audit.c.at, audit.c.actor, audit.c.action).where(
            audit.c.action.in_(list(LOOKS)), audit.c.subject == "patron",
            or_(audit.c.subject_id == patron.card, audit.c.subject_id == str(patron.id)),
        ).order_by(audit.c.id)
    )
    return {
        "patron": await record_json(work.session, patron, work.today),
        "numbers": [
            {"number": n.number, "chip": n.chip, "issued_at": n.issued_at, "ended_at": n.ended_at}
            for n in await of(CardNumber, CardNumber.issued_at)
        ],
        "loans": [loan_json(one) for one in await of(Loan, Loan.lent_at)],
        "holds": [
            {"title": h.title, "state": h.state.value, "placed_at": h.placed_at, "ended_at": h.ended_at}
            for h in await of(Hold, Hold.placed_at)
        ],
        "suggestions": [
            {"title": w.title, "number": w.no, "reason": w.reason, "state": w.state.value, "placed_at": w.placed_at}
            for w in await of(Suggestion, Suggestion.placed_at)
        ],
        "money": [entry_json(one) for one in await of(Entry, Entry.at)],
        "notes": [{"text": n.text, "written_at": n.written_at} for n in await of(Note, Note.written_at)],
        "identity_checks": [
            {"purpose": c.purpose, "document": c.document.value, "last4": c.last4, "at": c.at}
            for c in await of(IdentityCheck, IdentityCheck.at)
        ],
        "clearances": [clearance_json(c, patron) for c in await of(Clearance, Clearance.opened_at)],
        "violations": [
            {
                "number": v.no, "what": v.what.value, "happened_on": v.happened_on, "decision": v.decision, "appeal": v.appeal,
                "judgement": v.judgement, "state": str(v.state), "decided_at": v.decided_at,
            }
            for v in (await own_violations(work.session, patron.id, limit=200))[0]
        ],
        "looked_at_by": [{"at": row.at, "staff": row.actor, "what": row.action} for row in seen],
    }


def table(found: dict[str, Any]) -> list[list[Any]]:
    """The same as lines of a sheet: kind, time, what, amount in yuan, remark."""
    record = found["patron"]
    lines: list[list[Any]] = [
        [_(N_("资料")), record["registered_at"], " · ".join(filter(None, (
            record["name"], record["card"], record["category_label"], record["college"], record["class_name"],
            record["email"], record["phone"],
        ))), "", record["state_label"]],
    ]
    lines += [[_(N_("号码")), n["issued_at"], n["number"], "", ""] for n in found["numbers"]]
    lines += [[_(N_("借阅")), one["lent_at"], one["title"], "", one["barcode"]] for one in found["loans"]]
    lines += [[_(N_("预约")), h["placed_at"], h["title"], "", ""] for h in found["holds"]]
    lines += [[_(N_("荐购")), w["placed_at"], w["title"], "", w["number"]] for w in found["suggestions"]]
    lines += [
        [_(N_("费用")), m["at"], f"{m['posting_label']} {m['kind_label']} {m['title']}", m["amount_cents"] / 100, m["receipt"]]
        for m in found["money"]
    ]
    lines += [[_(N_("备注")), n["written_at"], n["text"], "", ""] for n in found["notes"]]
    lines += [[_(N_("身份核对")), c["at"], "•••" + c["last4"], "", ""] for c in found["identity_checks"]]
    lines += [[_(N_("离校清理")), c["opened_at"], c["number"], "", c["state_label"]] for c in found["clearances"]]
    lines += [
        [_(N_("违章处理")), v["decided_at"], v["decision"], "", v["number"]] for v in found["violations"] if v["decided_at"]
    ]
    lines += [[_(N_("馆员查看")), s["at"], s["staff"], "", _(LOOKS[s["what"]])] for s in found["looked_at_by"]]
    return [[kind, at.replace(tzinfo=None).isoformat(" ", "minutes"), *rest] for kind, at, *rest in lines]
