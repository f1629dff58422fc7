"""What if, on screen: one loan tried dry, one draft tried on last month."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.circulation.rules import sentence_of
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.model import Category
from services.reader.desk.policies.pages import TITLE, kind_text, scope_text
from services.reader.desk.policies.queries import book_by_number, book_on, scopes, sets
from services.reader.desk.policies.rules import STANDARD, Book, rule_text
from services.reader.desk.policies.values import VALUES, shown
from services.reader.desk.whatif.queries import Answer, Question, answer, trial
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Refusal
from shared.web.pages import PageNo, page

router = Router(prefix="/reader/rules", tags=["what if"], dependencies=[allow(*DESK)])
Text = Annotated[str, Query(max_length=60)]


def _whole(text: str, high: int) -> int:
    return min(int(text), high) if text.isdigit() and len(text) < 5 else 0


def _day(text: str, today: date) -> date:
    try:
        return max(date.fromisoformat(text), today)
    except ValueError:
        return today


@router.get("/what-if")
async def what_if(
    request: Request, work: WorkDep, card: Text = "", barcode: Text = "", category: Text = "",
    kind: Text = "", location: Text = "", on: Text = "", late: Text = "10", number: Text = "",
    ask: Text = "",
) -> Response:
    """A form; with an answer once something was asked. Nothing is changed."""
    kinds, places = await scopes(work.session)
    who = Category(category) if category in set(Category) else Category.undergraduate
    asked = Question(
        clean(card), clean(barcode), who, kind or "book", location, 0, _day(on, work.today),
        _whole(late, 365), number,
    )
    found, refusal = None, None
    if ask:
        try:
            found = await answer(work, asked)
        except Refusal as error:
            refusal = error
    versions, _total = await sets(work.session, limit=50)
    fields: list[dict[str, Any]] = [
        {"name": "card", "label": _(N_("读者证")), "value": card, "span": 6, "help": _(N_("不填则按读者类型"))},
        {"name": "category", "label": _(N_("读者类型")), "kind": "select", "value": who.value, "span": 6, "required": True, "options": [(c.value, c.text) for c in Category]},
        {"name": "barcode", "label": _(N_("图书条码")), "value": barcode, "span": 6, "help": _(N_("不填则按文献类型和馆藏地"))},
        {"name": "kind", "label": _(N_("文献类型")), "kind": "select", "value": kind or "book", "span": 6, "required": True, "options": [(k, kind_text(k)) for k in sorted({*kinds, "book"})]},
        {"name": "location", "label": _(N_("馆藏地")), "kind": "select", "value": location, "span": 6, "options": [(code, f"{code} {pick(*names)}") for code, names in places.items()]},
        {"name": "on", "label": _(N_("借出日")), "kind": "date", "value": asked.on.isoformat() if asked.on else "", "span": 6},
        {"name": "late", "label": _(N_("假设超期几天")), "kind": "number", "value": str(asked.late), "min": 0, "max": 365, "span": 6},
        {"name": "number", "label": _(N_("规则版本")), "kind": "select", "value": number, "span": 6, "options": [*((s.number, f"{s.number} {s.state.text}") for s in versions), (STANDARD.number, STANDARD.number)]},
    ]
    return page(
        request, "whatif/whatif.html", page_title=_(N_("规则试算")), fields=fields, found=found, refusal=refusal,
        crumbs=[(_(TITLE), "/reader/rules"), (_(N_("规则试算")), "")], sentence_of=sentence_of,
        lines=_lines(found, places) if found else [], ruled=_ruled(found) if found else [],
    )


def _ruled(found: Answer) -> list[tuple[Any, str]]:
    """Each reason with the rule behind it, in words."""
    told = []
    for reason in found.reasons:
        rule = found.rule_of(reason)
        told.append((reason, _with_lost(found.ruling.book, rule) if rule else ""))
    return told


def _with_lost(book: Book, rule: dict[str, Any]) -> str:
    text = rule_text(book.number, rule["no"] if rule["set"] == book.number else -rule["no"])
    if not rule["lost"]:
        return text
    lost = "、".join(f"{one['no']}" for one in rule["lost"])
    return text + _(N_("（优先于第 {lost} 条）"), lost=lost)


def _lines(found: Answer, places: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Every value: what holds, which rule decided, what the others would have said."""
    book, lines = found.ruling.book, []
    for value in VALUES:
        decision = found.ruling.by[value.name]
        winner = book.row(decision.no)
        losers = [row for no in decision.lost if (row := book.row(no))]
        lines.append({
            "label": _(value.label), "text": shown(value.name, getattr(found.ruling.terms, value.name)),
            "rule": rule_text(book.number, decision.no), "scope": scope_text(winner, places) if winner else "",
            "lost": [(row.no, shown(value.name, row.given[value.name]), scope_text(row, places)) for row in losers],
        })
    return lines


@router.get("/{number}/trial")
async def try_on(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """The draft beside what holds today, on the loans of the last thirty days."""
    draft = await book_by_number(work.session, number)
    active = await book_on(work.session, work.today)
    found = await trial(work.session, draft, active, work.today, skip=offset(page_no), size=SIZE)
    return page(
        request, "whatif/trial.html", page_title=_(N_("试跑 {number}"), number=number), number=number, active=active,
        crumbs=[(_(TITLE), "/reader/rules"), (number, f"/reader/rules/{number}"), (_(N_("试跑")), "")],
        tally=found.tally, rows=found.shown, more=found.more, **paged(page_no, found.tally.different),
    )


