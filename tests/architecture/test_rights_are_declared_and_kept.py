"""Every door of the house says who may open it, and lets nobody else pass.

No request is sent here: the rights are read from the routes and registers, and the very dependency that guards
each route is called as every post, kind of reader, machine and stranger. What really happens behind a sample of
the doors is tested in tests/shared/test_doors_do_what_the_table_says.py.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from deploy.access import (
    ACCOUNT,
    NARROWER,
    OPEN,
    OWN,
    OWN_RECORDS,
    Door,
    doors,
    endpoint,
    listed,
    reason,
    services,
)
from shared.doors import SAFE, Allow
from shared.doors import Door as Route
from shared.duties import POSTS
from shared.identity import Actor
from shared.refusals import NotAllowed, NotSignedIn
from shared.web.register.actions import may
from tests.support.doorways import CALLERS, LEADERS, passes

# A machine of ours is no route's caller: it comes in by the SIP2 port and calls commands.
KINDS = {"staff", "patron", "*", "system"}
# A door of its own fetches the reader's record for this verb of the register.
ELSEWHERE = {("reader/violations", "appeal", "patron")}


@pytest.fixture(scope="module")
def table() -> Iterable[Door]:
    """All doors of all services."""
    return doors()


def holds(actor: Actor, rights: Iterable[str]) -> bool:
    """Whether a right is held, told once more in other words than the product's."""
    kinds, posts = {actor.kind, "*"}, set(actor.posts)
    parts = {"-".join(post.split("-")[:n]) for post in posts for n in range(1, post.count("-") + 1)}
    return bool(set(rights) & (kinds | posts | parts))


async def opens(allow: Allow, actor: Actor) -> bool:
    """Call the dependency as FastAPI does; its refusal must be the right one."""
    request: Any = SimpleNamespace(state=SimpleNamespace(actor=actor))
    try:
        await allow(request)
    except NotSignedIn:
        assert actor.kind == "anonymous"
        return False
    except NotAllowed:
        assert actor.kind != "anonymous"
        return False
    return True


def test_no_door_is_without_a_right_but_those_with_a_reason(table: Iterable[Door]) -> None:
    found = {door.name for door in table if (not door.allows or any("*" in g for g in door.groups)) and not reason(door)}
    assert not found


def test_whoever_writes_needs_more_than_to_be_signed_in(table: Iterable[Door]) -> None:
    """A writing door for all staff or all readers stands in a list, with its reason."""
    assert not {(d.name, d.verb) for d in table if d.method not in SAFE and d.everybody and not reason(d)}


def test_the_lists_of_exceptions_name_only_doors_that_are(table: Iterable[Door]) -> None:
    loose = [d for d in table if not d.allows or any("*" in g for g in d.groups) or (d.method not in SAFE and d.everybody)]
    used = {listed(d.name, OPEN) for d in loose} | {d.name for d in loose} | {listed(d.name, OWN) for d in loose}
    used |= {f"/{d.room} {d.verb}" for d in loose}
    assert not {*OPEN, *ACCOUNT, *OWN, *OWN_RECORDS} - used


async def test_nobody_passes_but_the_declared(table: Iterable[Door]) -> None:
    """Every guard × every caller, and every verb of a register × every caller."""
    guards = {allow.rights: allow for door in table for allow in door.allows}
    assert len(guards) > 50
    for rights, allow in guards.items():
        for actor in CALLERS:
            assert await opens(allow, actor) is holds(actor, rights), (rights, actor)
    for by in {door.by for door in table if door.by is not None}:
        for actor in CALLERS:
            personal = actor.kind != "anonymous" and any(right.startswith("@") for right in by)
            assert may(actor, by) is (personal or holds(actor, by)), (by, actor)


def test_every_right_is_somebodys(table: Iterable[Door]) -> None:
    """A misspelt post shuts a door for good, and nobody notices."""
    posts = {*POSTS, *LEADERS}
    known = KINDS | posts | {"-".join(p.split("-")[:n]) for p in posts for n in range(1, p.count("-") + 1)}
    words = {right: door.name for door in table for group in door.groups for right in group if not right.startswith("@")}
    assert not {right: where for right, where in words.items() if right not in known}


def test_whoever_may_act_on_a_record_may_see_it(table: Iterable[Door]) -> None:
    """A verb for a post that the register's own door turns away is a duty nobody can do."""
    shut = {
        (door.room, door.verb, actor.posts[0] if actor.posts else actor.kind) for door in table if door.by and door.verb != "attach"
        for actor in CALLERS
        if holds(actor, door.by or ()) and not passes(door, actor) and actor.kind != "terminal"
    }
    assert shut == ELSEWHERE


def test_every_line_of_the_navigation_opens_for_whoever_sees_it(table: Iterable[Door]) -> None:
    pages = {door.path: door for door in table if door.method == "GET"}
    dead = {
        (entry.url, actor.posts or actor.kind) for service in services() for area in service.areas for entry in area.entries
        for actor in CALLERS
        if actor.holds(entry.who) and not passes(pages[entry.url.partition("?")[0]], actor)
    }
    assert not dead


def test_an_auditor_looks_and_touches_nothing(table: Iterable[Door]) -> None:
    auditor = next(a for a in CALLERS if a.posts == ("auditor",))
    touched = {
        (door.name, door.verb) for door in table if door.method not in SAFE
        if passes(door, auditor) and not reason(door) and not any(right.startswith("@") for right in door.by or ())
    }
    assert not touched


def test_every_door_of_a_department_is_one_that_asks_who_comes(table: Iterable[Door]) -> None:
    """Only a kit route knows the caller, checks where a write comes from, and closes the transaction."""
    plain = {door.name for door in table if not isinstance(getattr(door.route, "original_route", door.route), Route)}
    # Public keys need no work; the two of a signature open their own, so that no password is kept with a repeated request.
    assert plain == {"GET /.well-known/jwks.json", "POST /api/sign-off", "POST /sign-off"}


def test_whom_a_door_lets_in_the_command_behind_it_does_not_turn_away(table: Iterable[Door]) -> None:
    """What `work.actor.require(…)` asks on the straight way from the door, held against the door's own right."""
    asked, shut = 0, set()
    for door in table:
        for rights in required(endpoint(door.route)) if door.allows and door.by is None else ():
            asked += 1
            shut |= {
                (door.name, actor.posts[0] if actor.posts else actor.kind) for actor in CALLERS
                if passes(door, actor) and not actor.holds(rights) and not listed(door.name, NARROWER)
                # What asks for the desk when a reader calls stands behind a question a reader is never asked.
                and not (actor.kind == "patron" and listed(door.name, OWN))
            }
    assert asked > 300, "the reading of the commands has gone blind"
    assert not shut


@cache
def required(function: Callable[..., Any], depth: int = 0) -> tuple[tuple[str, ...], ...]:
    """The rights a function asks for whatever it is given: not in branches, nor behind a way out."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError):
        return ()
    names, found = inspect.unwrap(function).__globals__, []
    for call in (one for line in _straight(getattr(tree, "body", ())) for one in ast.walk(line) if isinstance(one, ast.Call)):
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func).endswith("actor.require"):
            try:
                found.append(tuple(eval("(" + "".join(f"{ast.unparse(a)}," for a in call.args) + ")", names)))
            except NameError:  # depends on the record: no single answer
                continue
        elif depth < 5 and inspect.isfunction(called := _called(call.func, names)) and called.__module__.startswith("services."):
            found += required(called, depth + 1)
    return tuple(dict.fromkeys(found))


def _straight(lines: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for line in lines:
        if isinstance(line, ast.With | ast.AsyncWith | ast.Try):
            yield from _straight(line.body)
        elif isinstance(line, ast.If) and any(isinstance(one, ast.Return) for one in ast.walk(line)):
            return
        elif not isinstance(line, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Match | ast.FunctionDef | ast.AsyncFunctionDef):
            yield line


def _called(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    base = _called(node.value, names) if isinstance(node, ast.Attribute) else None
    return getattr(base, node.attr, None) if isinstance(base, ModuleType) and isinstance(node, ast.Attribute) else None
