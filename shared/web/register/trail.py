"""What a record has been through: its stages with times, and who changed what, read from the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from shared import duties
from shared.audit import audit
from shared.i18n import N_, _
from shared.states import Choice
from shared.web import show
from shared.web.register import people
from shared.web.register.columns import Col, text
from shared.web.register.declare import AMEND, CREATE, REMOVE
from shared.work import Work

if TYPE_CHECKING:
    from shared.web.register.declare import Register

LONGEST = 200
WORDS = {
    "create": CREATE, "update": AMEND, "delete": REMOVE, "edit": AMEND, "read": N_("查阅"), "export": N_("导出"),
    "attach": N_("添加附件"),
}
# The state is shown by the stages, the rest is nobody's news.
SILENT = {
    "id", "no", "state", "version", "correlation", "created_by", "created_at", "updated_at", "search_text",
}


async def history(register: Register, work: Work, record: Any) -> list[Any]:
    """The audit rows of the record, oldest first."""
    rows = await work.session.execute(
        select(audit)
        .where(audit.c.subject == register.model.__tablename__, audit.c.subject_id == str(record.id))
        .order_by(audit.c.id.desc()).limit(LONGEST)
    )
    return list(reversed(rows.all()))


def called(holder: str, names: dict[str, str]) -> str:
    """A holder in words: a person, a post, or a whole department."""
    if holder in names:
        return names[holder]
    if post := duties.POSTS.get(holder):
        return duties.name(post)
    for department in duties.DEPARTMENTS.values():
        if holder == department.code:
            return duties.name(department)
    if led := duties.DEPARTMENTS.get(holder.removeprefix("head-")):
        return _(N_("{dept}负责人"), dept=duties.name(led))
    leaders = {"director": N_("馆长"), "deputy": N_("分管馆长"), "auditor": N_("审计人员")}
    return _(leaders[holder]) if holder in leaders else holder


def entries(register: Register, work: Work, rows: Iterable[Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Who did what and when, newest first, columns in words."""
    columns = _columns(register)
    hidden = {c.name for c in register.cols if c.who and not work.actor.holds(c.who)}
    found = []
    for row in rows:
        if row.action in ("read", "export"):
            continue
        changes = []
        if row.action != "create":
            for name, pair in row.changes.items():
                if name == "file" and row.action == "attach":
                    changes.append((_(N_("附件")), "", pair[1]))
                    continue
                col = columns.get(name)
                if name in SILENT or name in hidden or col is None or not isinstance(pair, list):
                    continue
                before, after = (_value(col, v, names) for v in pair)
                changes.append((_(col.label), before, after))
        found.append({
            "at": row.at, "actor": names.get(row.actor, row.actor), "action": _act(register, row.action),
            "changes": changes,
        })
    return list(reversed(found))


def _columns(register: Register) -> dict[str, Col]:
    from shared.web.register.columns import settle
    from shared.web.register.fields import specs

    found = {c.name: c for c in register.cols}
    models = (register.form, register.edit_form, *(a.ask for a in register.actions))
    for model in models:
        for spec in specs(model):
            if spec.name not in found and spec.name in register.model.__mapper__.column_attrs:
                found[spec.name] = settle(register, Col(spec.name, spec.label, choice=spec.choices or None))
    return found


def _value(col: Col, value: Any, names: dict[str, str]) -> str:
    # The audit keeps JSON, so days and moments are text here.
    if isinstance(value, str) and col.kind in ("date", "moment"):
        moment = datetime.fromisoformat(value)
        return show.moment(moment) if col.kind == "moment" else show.day(moment.date())
    return text(col, value, names)


def _act(register: Register, name: str) -> str:
    if name in register.verbs:
        return _(register.verbs[name].label)
    return _(WORDS.get(name, name))


def passed(rows: Iterable[Any]) -> list[tuple[str, datetime, str]]:
    """The states entered, with when and by whom."""
    found = []
    for row in rows:
        state = row.changes.get("state")
        if state is not None and row.action != "delete":
            found.append((state[1] if isinstance(state, list) else state, row.at, row.actor))
    return found


def stages(register: Register, work: Work, record: Any, rows: list[Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Where the case was, is, and would go next if all goes well."""
    current = register.state_of(record)
    assert current is not None
    assert register.state is not None
    walked = passed(rows) or [(current.value, record.created_at, record.created_by)]
    steps = []
    for place, (value, at, actor) in enumerate(walked):
        state = register.state(value)
        last = place == len(walked) - 1
        after = None if last else walked[place + 1][1]
        if last and state in register.final:
            look = "bad" if state.tone in ("danger", "bad") else "done"
        else:
            look = "now" if last else "done"
        steps.append({
            "label": state.text, "state": look, "who": names.get(actor, actor), "at": at,
            "elapsed": after - at if after else (work.now - at if look == "now" else None),
        })
    if steps and steps[-1]["state"] == "now":
        holders = [called(h, names) for h in register.holders_of(record)]
        if holders:
            steps[-1]["who"] = _(N_("待{who}"), who=_("、").join(holders))
    return [*steps[-6:], *({"label": s.text, "state": "todo"} for s in ahead(register, current))]


def ahead(register: Register, state: Choice) -> list[Choice]:
    """The way to the end by each state's first action; the table's order says what is usual."""
    found: list[Choice] = []
    seen = {state}
    while True:
        following = [t for (s, _name), t in register.life_table.items() if s == state and t not in seen]
        usual = next((t for t in following if t.tone not in ("danger", "bad")), None)
        if usual is None:
            return found
        seen.add(usual)
        found.append(usual)
        state = usual


async def named(register: Register, work: Work, records: Iterable[Any], rows: Iterable[Any] = ()) -> dict[str, str]:
    """The names of everybody these records and audit rows mention, and of whatever else has a code."""
    ids: set[str] = {row.actor for row in rows}
    persons = [c for c in register.cols if c.kind == "person"]
    for record in records:
        ids.add(record.created_by)
        for col in persons:
            value = col.value(record) if col.value else getattr(record, col.name)
            if value:
                ids.add(str(value))
        ids.update(h for h in register.holders_of(record) if "-" not in h)
    found: dict[str, str] = {}
    for names in {col.names for col in register.cols if col.names}:
        found.update(await names(work))
    return {**found, **await people.names(work, ids)}
