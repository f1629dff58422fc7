"""The declaration: one literal from which list, form, life, doors, export and to-dos follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from shared.doors import Router
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import NotAllowed
from shared.states import Choice, Life, final
from shared.web.pages import Entry
from shared.web.register.actions import EVERYBODY, Action, Filter, Import, Panel, may
from shared.web.register.columns import Col, settle
from shared.work import Work

RESERVED = {"new", "export", "import", "views", "batch", "lookup"}
CREATE = N_("登记")
AMEND = N_("修改")
REMOVE = N_("删除")


@dataclass(eq=False)
class Register:
    """A kind of record with its screens and doors.

    Identity: `slug`, `model`, `dept`, `title`, `icon`, `area` (crumb), `help` (subtitle), `serves`
    (duty ids), `number` (prefix of the numbers), `key` (column of the address, default `no`).
    Life: `life` ({(State.x, "verb"): State.y}; None for plain things), `state`, `start` (default:
    the first state), `actions`, `holders` (who must act next; default: who may take the next
    steps), `due` (date or datetime of a record; overdue rows are marked).
    Screen: `form`, `edit_form` (default: the same), `columns`, `search` (text columns; `=x` is
    exact), `filters` (column → label or Filter), `sort`, `panels`, `export`, `import_` (True or
    Import(key=…)), `attach` (files may be added to a record).
    Rights: `read`, `create`, `edit` (default: who created it), `edit_in` (states; default: the
    start), `delete` (empty: never), `scope(work)` (conditions on the rows a person sees at all),
    `sensitive` (every look at a record is written into the audit). A right is a post, its prefix,
    `staff`, `patron`, `*`, or `@column`: the person that column names.
    Hooks: `on_create(work, record, form)`, `on_edit(work, record, form)`, `before_delete(work,
    record)`, `title_of(record)`, `item_of(record)` (barcode for the timeline), `clashes`
    (constraint name → msgid of what to say).
    """

    slug: str
    model: type[Any]
    dept: str = field(kw_only=True)
    title: str = field(kw_only=True)
    form: type[BaseModel] | None = field(default=None, kw_only=True)
    edit_form: type[BaseModel] | None = field(default=None, kw_only=True)
    icon: str = field(default="file-text", kw_only=True)
    area: str = field(default="", kw_only=True)
    help: str = field(default="", kw_only=True)
    serves: tuple[str, ...] = field(default=(), kw_only=True)
    number: str = field(default="", kw_only=True)
    key: str = field(default="no", kw_only=True)
    life: Life[Any] | None = field(default=None, kw_only=True)
    state: type[Choice] | None = field(default=None, kw_only=True)
    start: Choice | None = field(default=None, kw_only=True)
    columns: Sequence[Col] = field(default=(), kw_only=True)
    search: Sequence[str] = field(default=("no",), kw_only=True)
    filters: Mapping[str, str | Filter] = field(default_factory=dict, kw_only=True)
    sort: str = field(default="-created_at", kw_only=True)
    read: tuple[str, ...] = field(default=("staff",), kw_only=True)
    create: tuple[str, ...] = field(default=(), kw_only=True)
    edit: tuple[str, ...] = field(default=(), kw_only=True)
    edit_in: Sequence[Choice] | None = field(default=None, kw_only=True)
    delete: tuple[str, ...] = field(default=(), kw_only=True)
    scope: Callable[[Work], Sequence[Any]] | None = field(default=None, kw_only=True)
    actions: Sequence[Action] = field(default=(), kw_only=True)
    holders: Callable[[Any], Sequence[str] | None] | Sequence[str] | None = field(default=None, kw_only=True)
    # In which states a record waits for whoever may act; None: in all that are not final.
    waits_in: Sequence[Choice] | None = field(default=None, kw_only=True)
    due: Callable[[Any], date | datetime | None] | None = field(default=None, kw_only=True)
    title_of: Callable[[Any], str] | None = field(default=None, kw_only=True)
    item_of: Callable[[Any], str] | None = field(default=None, kw_only=True)
    on_create: Callable[[Work, Any, Any], Awaitable[Any]] | None = field(default=None, kw_only=True)
    on_edit: Callable[[Work, Any, Any], Awaitable[Any]] | None = field(default=None, kw_only=True)
    before_delete: Callable[[Work, Any], Awaitable[Any]] | None = field(default=None, kw_only=True)
    import_: bool | Import = field(default=False, kw_only=True)
    export: bool = field(default=True, kw_only=True)
    attach: bool = field(default=False, kw_only=True)
    panels: Sequence[Panel] = field(default=(), kw_only=True)
    clashes: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    sensitive: bool = field(default=False, kw_only=True)
    # Who may export personal columns whole; by default the department's head and the director.
    reveal: tuple[str, ...] = field(default=(), kw_only=True)
    tells: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        self.life_table: Mapping[tuple[Any, str], Any] = self.life or {}
        if self.life is not None:
            assert self.state, f"{self.slug}: a life needs its states"
            self.start = self.start or next(iter(self.state))
        self.reveal = self.reveal or (f"head-{self.dept}", "director")
        self.final: set[Any] = set(final(self.life_table))
        self.verbs = {action.name: action for action in self.actions}
        unknown = {name for _state, name in self.life_table} - self.verbs.keys()
        assert not unknown, f"{self.slug}: LIFE names actions that are not declared: {unknown}"
        numbered = self.number or self.on_create or self.key != "no"
        assert self.form is None or numbered or "no" in self.form.model_fields, f"{self.slug}: who gives the number?"
        self.cols = tuple(settle(self, col) for col in self.columns or (Col("no", kind="ref"),))
        self.importing = (self.import_ if isinstance(self.import_, Import) else Import()) if self.import_ else None
        self.edit_form = self.edit_form or self.form
        self.path = f"/{self.dept}/{self.slug}"
        self.api_path = f"/api{self.path}"
        self.topic = f"{self.dept}.{self.slug}"

    # What a record is called, where it is seen, where it stands.

    def key_of(self, record: Any) -> str:
        """The number people know the record by."""
        return str(getattr(record, self.key))

    def url_of(self, record: Any) -> str:
        """The record's own page."""
        return f"{self.path}/{quote(self.key_of(record), safe='')}"

    def name_of(self, record: Any) -> str:
        """One line that tells the record from its neighbours."""
        if self.title_of:
            return self.title_of(record)
        name = next((c for c in self.search if c != self.key), self.key)
        return str(getattr(record, name) or self.key_of(record))

    def state_of(self, record: Any) -> Choice | None:
        """Where the record stands."""
        return self.state(record.state) if self.life is not None and self.state else None

    def due_of(self, record: Any) -> date | datetime | None:
        """Until when something must happen; nothing is due of a finished case."""
        if self.due is None or self.state_of(record) in self.final:
            return None
        return self.due(record)

    def holders_of(self, record: Any) -> tuple[str, ...]:
        """Who must act next: as declared, else those who may take the next steps."""
        if self.life is None or self.state_of(record) in self.final:
            return ()
        declared = self.holders(record) if callable(self.holders) else self.holders
        if declared is not None:
            return tuple(h for h in declared if h)
        found: dict[str, None] = {}
        for action in self.next_actions(record):
            for right in action.by:
                holder = str(getattr(record, right[1:]) or "") if right.startswith("@") else right
                if holder and holder not in EVERYBODY:
                    found[holder] = None
        return tuple(found)

    # What may be done, by whom.

    def next_actions(self, record: Any) -> list[Action]:
        """The actions the record's state (and `when`) admits, whoever asks."""
        state = self.state_of(record)
        return [
            action for action in self.actions
            if (state is None or (state, action.name) in self.life_table)
            and (action.when is None or action.when(record))
        ]

    def allowed(self, actor: Actor, record: Any) -> list[Action]:
        """The buttons this person sees on this record."""
        return [
            action for action in self.next_actions(record)
            if may(actor, action.by, record)
            and all(getattr(record, column) != actor.id for column in action.separate)
        ]

    def can_create(self, actor: Actor) -> bool:
        """Whether the person may open a record."""
        return self.form is not None and may(actor, self.create)

    def can_edit(self, actor: Actor, record: Any) -> bool:
        """Whether the person may change the record's fields now (a case: only before it moves)."""
        if self.edit_form is None or not may(actor, self.edit or ("@created_by",), record):
            return False
        if self.life is None:
            return True
        states = self.edit_in if self.edit_in is not None else (self.start,)
        return self.state_of(record) in states

    def can_delete(self, actor: Actor, record: Any) -> bool:
        """Whether the person may remove the record; a case only while it is at its start."""
        if not self.delete or not may(actor, self.delete, record):
            return False
        return self.life is None or self.state_of(record) == self.start

    def require(self, actor: Actor, rights: Sequence[str]) -> None:
        """Refuse unless one of the rights is held."""
        if not may(actor, rights):
            raise NotAllowed

    def seen_cols(self, actor: Actor) -> list[Col]:
        """The columns this person may see."""
        return [c for c in self.cols if not c.who or actor.holds(c.who)]

    def personal(self, actor: Actor) -> bool:
        """Whether an export holds columns that are veiled for this person, who may have them whole."""
        return actor.holds(self.reveal) and any(c.personal for c in self.seen_cols(actor))

    # What others use of it.

    @cached_property
    def router(self) -> Router:
        """Pages under `/<dept>/<slug>`, JSON under `/api/<dept>/<slug>`."""
        from shared.web.register import api, pages

        router = Router()
        pages.install(self, router)
        api.install(self, router)
        return router

    def entry(self, label: str = "") -> Entry:
        """The register's line in the navigation."""
        return Entry(
            label or self.title, self.path, self.icon, self.read, self.topic, self.serves, self.help
        )

    async def open(self, work: Work, **values: Any) -> Any:
        """Open a record from a command or handler; same rules and event as the screen's.

        Values are fields of the form or, where the form has no such field, columns.
        """
        from shared.web.register import moves

        fields = self.form.model_fields if self.form else {}
        filled = {k: v for k, v in values.items() if k in fields}
        columns = {k: v for k, v in values.items() if k not in fields}
        return await moves.open_record(self, work, filled, columns=columns)

    async def move(self, work: Work, key: str, action: str, **asked: Any) -> Any:
        """Take an action from a command or handler; as `work.actor`, with every check."""
        from shared.web.register import moves

        return await moves.act(self, work, key, action, asked)

    async def amend(self, work: Work, key: str, **values: Any) -> Any:
        """Change some fields from a command or handler."""
        from shared.web.register import moves

        return await moves.amend(self, work, key, values, partial=True)

    async def find(self, work: Work, q: str, limit: int = 6) -> list[dict[str, str]]:
        """What global search shows of this register."""
        from shared.web.register import listing

        return await listing.find(self, work, q, limit)

    async def todo(self, work: Work) -> int:
        """How many records wait for this person."""
        from shared.web.register import listing

        return await listing.todo(self, work)
