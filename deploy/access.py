"""Who may open which door: read from the routes and registers themselves, for docs/rights.md and its tests.

A route declares its rights with `allow(…)`, a register with `read`, `create`, `edit`, `delete` and `by`. Here both
become one table of `Door`s. A door without a right, or a writing door that everybody of a kind may open, stands in
one of the two lists below with its reason, or a test fails.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shared.doors import SAFE, Allow
from shared.settings import DEPARTMENTS
from shared.web.register.actions import EVERYBODY

KIT = "shared.web.register."
SIGNED_IN = "must_be_signed_in"
# Doors nobody needs a right for: path (or its beginning, with `*`) → why.
OPEN = {
    "GET /login": "the way in", "POST /login": "the way in; tries are counted", "POST /logout": "the way out",
    "GET /login/university": "the way in", "GET /login/university/back": "the way in; bound to the browser that set out",
    "POST /api/token": "the way in for programs; tries are counted", "GET /.well-known/jwks.json": "public keys",
    "GET /": "the first page: its tiles are those the visitor may open",
    "GET /api/*/rooms": "the first page's tiles: only the rooms the visitor may enter",
    "GET /oai": "open harvesting; paced", "POST /oai": "open harvesting by form; reads only; paced",
    "GET /sru": "open searching; paced", "POST /sru": "open searching by form; reads only; paced",
    "GET /reader/catalogue*": "the public catalogue", "GET /api/reader/catalogue*": "the public catalogue",
    "POST /reader/catalogue/{number}/hold": "sends a visitor to sign in; serves readers only",
    "GET /api/reader/items*": "where copies are, as the public catalogue shows it",
    "GET /reader/on-demand*": "titles that could be bought, beside the public catalogue",
    "POST /reader/on-demand/{number}/ask": "sends a visitor to sign in; serves readers only",
    "GET /reader/new-issues": "what newspapers and journals lie out", "GET /api/reader/serials/newest": "the same for programs",
    "GET /reader/lists/{token}*": "a reading list whose owner handed out its secret address",
}
# The gateway's pages of one's own account: each begins with `must_be_signed_in` and knows no other account.
ACCOUNT = {
    "GET /account", "GET /account/keys", "POST /account/sessions/{session_id}/end", "POST /account/sessions/end-others",
    "POST /account/tokens", "POST /account/tokens/{token_id}/revoke", "GET /account/password", "POST /account/password",
    "POST /api/sign-off", "POST /sign-off",
}
# Writing doors for everybody of a kind: what is written is one's own, or every colleague's task.
OWN = {
    "POST /notices/read": "one's own notices",
    "POST /reader/my*": "the reader's own loans, holds, lists, consents, notices and wishes: the card is the actor's",
    "POST /api/reader/my/*": "the same for programs", "POST /api/reader/renewals": "a reader: one's own loans only",
    "POST /api/reader/holds*": "a reader: one's own holds only", "POST /api/reader/patrons/{card}/card": "a reader: one's own card",
    "POST /api/reader/consents/{number}/revoke": "a reader: one's own consent",
    "POST /resources/on-site-picking/*": "one's own picks at a book fair one is invited to",
    "POST /api/resources/stocktaking/*": "every colleague may be asked to count a shelf",
    "POST /resources/stocktaking/*": "every colleague may be asked to count a shelf",
    "POST /reader/on-demand/{number}/read": "counts the reader once, without keeping who",
    "POST /reader/routing/scan": "one's own station, or an office's; the desk any",
    "POST /reader/routing/slips/{number}/receive": "one's own station, or an office's; the desk any",
    "POST /reader/routing/slips/{number}/pass": "one's own station, or an office's; the desk any",
    "POST /api/tech/faults": "whoever sees a fault reports it",
}
# What `create` and an action `by` everybody of a kind mean, register by register.
OWN_RECORDS = {
    "/office/contracts create": "every department submits what it wants to sign; the reviews decide",
    "/office/requisitions create": "whoever needs something asks for it",
    "/resources/digitisation create": "whoever needs a scan orders it", "/tech/work-orders create": "whoever sees a fault reports it",
}
# Doors that serve fewer than they let in: everybody sees what is one's own, others' only some posts do.
NARROWER = {
    "GET /api/office/duties/{person}": "one's own sheet; others' for leaders and OFF-ADM",
    "GET /office/duties/of/{staff_no}": "one's own sheet; others' for leaders and OFF-ADM",
    "GET /api/reader/patrons/{card}*": "a reader: one's own account",
    "POST /reader/catalogue/{number}/hold": "sends a visitor to sign in; serves readers only",
    "POST /reader/on-demand/{number}/ask": "sends a visitor to sign in; serves readers only",
    "POST /api/reader/charges/{charge_id}/waive": "at the desk with a head's signature only",
    "POST /reader/charges/{charge_id}/waive": "at the desk with a head's signature only",
    "GET /reader/orientation-passes/missing.xlsx": "masked for the desk; whole names for heads",
}


@dataclass(frozen=True)
class Door:
    """One method of one route, or one verb of a register: every group of rights must be held, one of each."""

    dept: str
    room: str
    method: str
    path: str
    allows: tuple[Allow, ...]
    route: Any = field(repr=False, compare=False)
    by: tuple[str, ...] | None = None
    verb: str = ""
    own: str = ""

    @property
    def name(self) -> str:
        """`POST /reader/x`."""
        return f"{self.method} {self.path}"

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The rights of the route, then those of the verb; a verb nobody has is the system's own."""
        return (*(a.rights for a in self.allows), *(() if self.by is None else (self.by or ("system",),)))

    @property
    def everybody(self) -> bool:
        """Whether whole kinds of people pass: no group is stricter than `staff`, `patron` or `*`."""
        return all(EVERYBODY & set(group) for group in self.groups)


def listed(name: str, table: Any) -> str:
    """The entry of a list of doors that speaks of this one."""
    return next((one for one in table if name == one or _begins(name, one)), "")


def _begins(name: str, pattern: str) -> bool:
    head, star, tail = pattern.partition("*")
    return bool(star) and name.startswith(head) and name.endswith(tail)


def services() -> Iterator[Any]:
    """The five departments, then the gateway."""
    for dept in DEPARTMENTS:
        yield importlib.import_module(f"services.{dept}.app").service
    yield importlib.import_module("gateway.app").service


def routes(service: Any) -> Iterator[tuple[Any, Any]]:
    """Every route of a service with the register it belongs to, included routers opened."""
    for router in service.routers:
        for route in _flat(router.routes):
            yield route, None
    for register in service.registers:
        for route in _flat(register.router.routes):
            yield route, register


def _flat(found: Sequence[Any]) -> Iterator[Any]:
    for route in found:
        if hasattr(route, "effective_route_contexts"):
            yield from route.effective_route_contexts()
        else:
            yield route


def endpoint(route: Any) -> Any:
    """The function behind a route."""
    return getattr(route, "original_route", route).endpoint


@cache
def doors() -> tuple[Door, ...]:
    """The whole table; reading it takes seconds."""
    return tuple(
        door for service in services() for route, register in routes(service)
        for door in _doors(service.name, route, register)
    )


def _doors(dept: str, route: Any, register: Any) -> Iterator[Door]:
    allows = tuple(d.call for d in route.dependant.dependencies if isinstance(d.call, Allow))
    for method in sorted(route.methods):
        if register is None:
            module = endpoint(route).__module__.removeprefix("services.").split(".")
            room = "/".join(module[:-1]) if len(module) > 1 else module[0]
            yield Door(dept, room, method, route.path, allows, route)
            continue
        for by, verb, own in _verbs(register, method, route.path):
            yield Door(dept, register.path.strip("/"), method, route.path, allows, route, by, verb, own)


def _verbs(register: Any, method: str, path: str) -> Iterator[tuple[tuple[str, ...] | None, str, str]]:
    """What a route of a register does, and who may beyond its own `allow`."""
    rest = path.removeprefix(register.path if path.startswith(register.path) else register.api_path)
    edit = register.edit or ("@created_by",)
    verb = rest.rsplit("/", 1)[-1]
    if rest.startswith("/views"):
        yield None, "view", "one's own saved views"
    elif rest.endswith("/edit") or method == "PATCH":
        yield edit, "edit", ""
    elif method == "DELETE" or rest == "/{key}/delete":
        yield register.delete, "delete", ""
    elif rest.startswith("/batch/") or "/act/" in rest or (method == "POST" and rest == "/{key}/{action}"):
        for action in register.actions:
            if action.batch or not rest.startswith("/batch/"):
                yield action.by, action.name, ""
    elif method not in SAFE and rest == "/{key}/files":
        yield (*edit, *dict.fromkeys(right for a in register.actions for right in a.by)), "attach", ""
    elif method not in SAFE and rest == "/export":
        yield register.reveal, "reveal", ""
    elif (method not in SAFE and not rest) or verb == "new" or rest.startswith("/import"):
        yield register.create, "create", ""
    else:
        yield None, "", ""


def reason(door: Door) -> str:
    """Why a door may stand open to everybody, or to everybody of a kind; blank where it may not."""
    if found := listed(door.name, OPEN):
        return OPEN[found]
    if door.name in ACCOUNT:
        return "one's own account; whoever is signed in"
    if door.own:
        return door.own
    if found := listed(door.name, OWN):
        return OWN[found]
    return OWN_RECORDS.get(f"/{door.room} {door.verb}", "")


def rights_page() -> str:
    """docs/rights.md: service by service and room by room, who may do what."""
    table = doors()
    writes = sum(d.method not in SAFE for d in table)
    lines = [
        "# Rights", "",
        f"{len(table)} doors, {writes} of them write. Made by `make docs` from what routes and registers declare;",
        "`tests/architecture/test_rights_are_declared_and_kept.py` calls every declaration as every post.", "",
        "A right is a post (`RDR-DSK`), the beginning of posts (`RDR` is the whole department, `head` every head), a kind",
        "(`staff`, `patron`), `*` (anybody), `@column` (the person that column of the record names) or `system` (no person: a",
        "consequence of something else). *and* means both must hold. Two pairs of eyes and states come on top: [states](states.md).", "",
        "## Doors without a right", "", "| Door | Why |", "| --- | --- |",
        *(f"| `{name}` | {why} |" for name, why in OPEN.items()),
        *(f"| `{name}` | one's own account; whoever is signed in |" for name in sorted(ACCOUNT)), "",
        "## Writing doors for everybody of a kind", "", "| Door | Why |", "| --- | --- |",
        *(f"| `{name}` | {why} |" for name, why in {**OWN, **OWN_RECORDS}.items()),
        "| `POST …/views*` | one's own saved views of a list |", "",
        "## Doors that serve fewer than they let in", "", "| Door | Whom |", "| --- | --- |",
        *(f"| `{name}` | {why} |" for name, why in NARROWER.items()), "",
    ]
    for service in services():
        lines += [f"## {service.name} {service.title}", "", "| Room | Who | What |", "| --- | --- | --- |"]
        rooms: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        for door in table:
            if door.dept == service.name and not door.own:
                rooms[door.room][_who(door)][_what(door)] = None
        for room, found in sorted(rooms.items()):
            lines += [f"| {room} | {who} | {', '.join(what)} |" for who, what in found.items()]
        lines.append("")
    return "\n".join(lines)


def _who(door: Door) -> str:
    """`staff and RES-MGT, director`; what a verb's right already contains is left out."""
    said = [", ".join(f"`{right}`" for right in group) for group in dict.fromkeys(door.groups)]
    return " *and* ".join(said) or "see above"


def _what(door: Door) -> str:
    if door.by is not None or (door.verb and not door.own):
        return f"**{door.verb}**"
    if door.path.strip("/").removeprefix("api/").startswith(door.room) and door.room.count("/") == 1 and door.method in SAFE:
        return "read"
    return f"`{door.name}`"
