"""What changes a record: opening, amending, acting, removing. Both doors and handlers come here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from sqlalchemy import UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from shared.events.base import CaseMoved
from shared.i18n import N_, _
from shared.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal, SamePerson
from shared.states import Choice, NotFromHere, step
from shared.web.register import forms, listing
from shared.web.register.actions import Action, may
from shared.web.register.declare import AMEND, CREATE, REMOVE, RESERVED, Register
from shared.web.register.fields import Upload, spec_of, specs
from shared.web.register.tables import attachment
from shared.work import Work

if TYPE_CHECKING:
    from uuid import UUID


class Clash(Refusal):
    """The database knows a record that this one cannot stand beside."""

    code = "clash"
    message = N_("与已有记录冲突，未保存")


class InUse(Refusal):
    """Other records point at this one."""

    code = "in-use"
    message = N_("有其他记录引用它，不能删除")


@asynccontextmanager
async def settled(register: Register, work: Work) -> AsyncIterator[None]:
    """All or nothing for one record; what the database refuses is said in words."""
    events, audits = len(work.events), len(work.audit_rows)
    try:
        async with work.session.begin_nested():
            yield
            await work.session.flush()
    except BaseException as error:
        del work.events[events:], work.audit_rows[audits:]
        if isinstance(error, StaleDataError):
            raise Conflict from error
        if isinstance(error, IntegrityError):
            raise _refusal(register, error) from error
        raise


def _refusal(register: Register, error: IntegrityError) -> Refusal:
    diag = getattr(error.orig, "diag", None)
    name = getattr(diag, "constraint_name", "") or ""
    if name in register.clashes:
        return Invalid({"": _(register.clashes[name])})
    code = getattr(error.orig, "sqlstate", "")
    if code == "23503":
        return InUse()
    table = register.model.__table__
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    for one in (*unique, *(i for i in table.indexes if i.unique)):
        if one.name == name:
            column = next(iter(reversed(list(one.columns)))).key
            spec = spec_of(register.form, column)
            label = _(spec.label) if spec else column
            text = _(N_("“{label}”与已有记录重复"), label=label)
            return Invalid({column if spec else "": text})
    return Clash()


async def fetch(register: Register, work: Work, key: str, *, lock: bool = False) -> Any:
    """The record people know by `key`, if this person may see it."""
    where = [getattr(register.model, register.key) == key, *listing.scope(register, work)]
    if lock:
        return await work.lock(register.model, *where, what=key)
    found = (await work.session.scalars(select(register.model).where(*where))).one_or_none()
    if found is None:
        raise NotFound(key)
    return found


def tell(
    register: Register, work: Work, record: Any, action: str, act: str, *,
    serves: tuple[str, ...] | None = None, note: str = "", gone: bool = False,
) -> None:
    """State on the bus that the record moved; timeline, my-work and ledger live on this.

    A register whose commands state facts of their own (`tells=False`) has nothing to add.
    """
    if not register.tells:
        return
    state = register.state_of(record)
    due = register.due_of(record)
    work.emit(
        CaseMoved(
            department=register.dept, register_=register.slug, number=register.key_of(record),
            title=register.name_of(record), action=action, act=act,
            state=state.value if state else "", state_label=state.label if state else "",
            tone=state.tone if state else "secondary",
            holders=() if gone else register.holders_of(record),
            due_at=due if isinstance(due, datetime) else None,
            due_on=None if isinstance(due, datetime) else due,
            url="" if gone else register.url_of(record),
            serves=register.serves if serves is None else serves,
            item=register.item_of(record) if register.item_of else "",
            final=gone or state is None or state in register.final, note=note,
        ),
        correlation=record.correlation,
    )


async def keep_files(register: Register, work: Work, record_id: UUID, form: BaseModel | None) -> None:
    """Attach what came with the form."""
    for spec in specs(type(form)) if form is not None else ():
        if spec.kind == "file":
            for upload in getattr(form, spec.name) or ():
                await attach(register, work, record_id, upload, spec.name)


async def attach(register: Register, work: Work, record_id: UUID, upload: Upload, name: str = "") -> None:
    """One stored file now belongs to the record."""
    await work.session.execute(
        insert(attachment).values(
            subject=register.model.__tablename__, record_id=record_id, field=name, name=upload.name,
            media=upload.media, size=upload.size, digest=upload.digest, by=work.actor.id,
        )
    )


async def open_record(
    register: Register, work: Work, data: Mapping[str, Any], *, columns: Mapping[str, Any] | None = None,
    checked: bool = False,
) -> Any:
    """A new record from what was filled in; `checked` asks for the right to create.

    `columns` are values no form offers; only commands and handlers give them.
    """
    if checked and not register.can_create(work.actor):
        raise NotAllowed
    form = forms.validate(register.form, data, work)
    record = register.model(created_by=work.actor.id, created_at=work.now, correlation=work.correlation)
    if register.life is not None:
        assert register.start
        record.state = register.start
    forms.apply(form, record)
    for name, value in (columns or {}).items():
        setattr(record, name, forms.stored(value))
    async with settled(register, work):
        if register.number and not record.no:
            record.no = await work.number(register.number)
        if not record.no and register.key != "no":
            record.no = register.key_of(record)
        if register.on_create:
            await register.on_create(work, record, form)
        if register.key_of(record) in RESERVED:
            raise Invalid({register.key: _(N_("这个编号是保留字，请换一个"))})
        work.session.add(record)
        await work.session.flush()
        await keep_files(register, work, record.id, form)
        tell(register, work, record, "create", CREATE)
    return record


async def amend(
    register: Register, work: Work, key: str, data: Mapping[str, Any], *, version: int | None = None,
    partial: bool = False, checked: bool = False,
) -> Any:
    """Change a record's fields; `partial` leaves alone what was not sent."""
    record = await fetch(register, work, key, lock=True)
    if checked and not register.can_edit(work.actor, record):
        raise NotAllowed if not may(work.actor, register.edit or ("@created_by",), record) else NotFromHere(
            register.state_of(record) or "", "edit"  # type: ignore[arg-type]
        )
    if version is not None and version != record.version:
        raise Conflict
    model = register.edit_form
    full = {**{k: v for k, v in forms.values_of(model, record).items() if v is not None}, **data}
    form = forms.validate(model, full if partial else data, work)
    work.follow(record.correlation)
    async with settled(register, work):
        forms.apply(form, record, set(data) if partial else None)
        if register.on_edit:
            await register.on_edit(work, record, form)
        changed = work.session.is_modified(record)
        await work.session.flush()
        await keep_files(register, work, record.id, form)
        if changed:
            tell(register, work, record, "edit", AMEND)
    return record


def admit(register: Register, work: Work, record: Any, action: Action) -> Choice | None:
    """The state after the action, or the refusal: right, life, condition, two pairs of eyes."""
    if not may(work.actor, action.by, record):
        raise NotAllowed
    state = register.state_of(record)
    target = step(register.life_table, state, action.name) if state is not None else None
    if action.when is not None and not action.when(record):
        raise NotFromHere(state or "", action.name)  # type: ignore[arg-type]
    if any(getattr(record, column) == work.actor.id for column in action.separate):
        raise SamePerson
    return target


async def checked(
    register: Register, work: Work, key: str, action: Action, asked: Mapping[str, Any], *, version: int | None, lock: bool = False,
) -> tuple[Any, Choice | None, Any]:
    """The record, its state after the action and the filled form, or the refusal."""
    record = await fetch(register, work, key, lock=lock)
    target = admit(register, work, record, action)
    if version is not None and version != record.version:
        raise Conflict
    return record, target, forms.validate(action.ask, asked, work)


async def act(
    register: Register, work: Work, key: str, name: str, asked: Mapping[str, Any] | None = None, *,
    version: int | None = None,
) -> Any:
    """Take one action on one record; the row is locked from the check to the commit."""
    action = verb(register, name)
    record, target, form = await checked(register, work, key, action, asked or {}, version=version, lock=True)
    work.follow(record.correlation)
    mark = len(work.audit_rows)
    async with settled(register, work):
        forms.apply(form, record)
        other = await action.do(work, record, form) if action.do else None
        if target is not None:
            record.state = other if isinstance(other, Choice) else target
        await work.session.flush()
        await keep_files(register, work, record.id, form)
        note = str(getattr(form, action.note, "") or "") if action.note else ""
        _sign(register, work, record, action, mark)
        tell(register, work, record, action.name, action.label, serves=action.serves, note=note)
    return record


def _sign(register: Register, work: Work, record: Any, action: Action, mark: int) -> None:
    """The audit row of the change bears the action's name instead of a bare `update`."""
    table = register.model.__tablename__
    for row in work.audit_rows[mark:]:
        if row["subject"] == table and row["subject_id"] == str(record.id):
            row["action"] = action.name
            return
    work.note(action.name, table, str(record.id))


def verb(register: Register, name: str) -> Action:
    """The declared action of that name."""
    if name not in register.verbs:
        raise NotFound(name)
    return register.verbs[name]


async def remove(register: Register, work: Work, key: str) -> Any:
    """Delete a record where the register declares that it may be."""
    record = await fetch(register, work, key, lock=True)
    if not register.can_delete(work.actor, record):
        raise NotAllowed
    work.follow(record.correlation)
    async with settled(register, work):
        if register.before_delete:
            await register.before_delete(work, record)
        tell(register, work, record, "delete", REMOVE, gone=True)
        await work.session.delete(record)
    return record
