"""Whatever is written into addresses, questions and bodies, no door fails: each operation of each service's own
OpenAPI document gets a few requests, ordinary and hostile, from somebody who may do everything.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from shared.duties import DEPARTMENTS, POSTS
from shared.identity import Actor
from tests.support.databases import Database
from tests.support.departments import client, opened

# Quotes and braces of three languages, a path that climbs, NUL, an emoji, the wrong way of writing, very large, blank.
HOSTILE = (
    "'; DROP TABLE audit; --", "{{7*7}}${7*7}%s{0}", "../../etc/passwd", "a\x00b", "📚\u202e", "9" * 40, "-1", " ", "<b>\"&", "=1+1|x",
)
# What asks the network, or waits on purpose, is tested where it lives.
LEFT_OUT = ("/copying", "/live")
EACH, SAMPLE = 2, 40
BOSS = Actor("S999", "全能", posts=(*POSTS, "director", "deputy", *(f"head-{slug}" for slug in DEPARTMENTS)), card="P999")


def value(chance: Random, schema: dict[str, Any], whole: dict[str, Any], hostile: bool, depth: int = 0) -> Any:
    """Something of this schema, or something that only pretends to be."""
    if "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if options := schema.get("anyOf"):
        return value(chance, chance.choice(options), whole, hostile, depth)
    if hostile and chance.random() < 0.5 and depth < 2 and schema.get("type") != "object":
        return chance.choice(HOSTILE)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: value(chance, one, whole, hostile, depth + 1) for name, one in fields.items() if depth < 4}
        case "array":
            return [value(chance, schema.get("items", {}), whole, hostile, depth + 1) for _ in range(chance.choice((0, 1, 2)))]
        case "integer" | "number":
            return chance.choice((1, 0, 7, 2**31) if hostile else (1, 2))
        case "boolean":
            return chance.random() < 0.5
    match schema.get("format"):
        case "date":
            return chance.choice(("2026-03-02", "0001-01-01", "9999-12-31") if hostile else ("2026-03-02",))
        case "date-time":
            return "2026-03-02T08:00:00+08:00"
        case "uuid":
            return "00000000-0000-7000-8000-000000000000"
    return chance.choice(HOSTILE) if hostile else "X404"


def requests(document: dict[str, Any], chance: Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, address and what is sent along, for a sample of the operations."""
    table = [
        (path, method, operation) for path, methods in sorted(document["paths"].items())
        for method, operation in sorted(methods.items()) if not any(one in path for one in LEFT_OUT)
    ]
    for path, method, operation in chance.sample(table, min(SAMPLE, len(table))):
        for n in range(EACH):
            hostile, asked, where = n > 0, {}, path
            for given in operation.get("parameters", ()):
                one = value(chance, given["schema"], document, hostile)
                if given["in"] == "path":
                    where = where.replace("{" + given["name"] + "}", quote(str(one) or "X", safe=""))
                elif given["in"] == "query" and one is not None:
                    asked[given["name"]] = one
            more: dict[str, Any] = {"params": asked}
            for media, body in operation.get("requestBody", {}).get("content", {}).items():
                made = value(chance, body["schema"], document, hostile)
                if media == "application/json":
                    more["json"] = made
                else:
                    more["data"] = {k: str(v) for k, v in made.items() if not isinstance(v, list | dict)}
            if method != "get" and "json" not in more and "data" not in more:
                texts = {name: chance.choice(HOSTILE) for name in ("q", "no", "title", "reason", "note", "ids", "back", "state")}
                more |= {"json": texts} if path.startswith("/api/") else {"data": texts}
            elif method == "get" and hostile:
                more["params"] |= {name: chance.choice(HOSTILE) for name in ("q", "state", "sort", "page", "after", "size")}
            yield method, where, more


@pytest.mark.parametrize("dept", ["office", "resources", "tech", "reader", "institute"])
async def test_no_value_makes_a_door_fail(dept: str, database: Callable[[str], Database], tmp_path: Path) -> None:
    service = importlib.import_module(f"services.{dept}.app").service
    failed = []
    async with opened(service, database(dept), tmp_path) as app, client(app, BOSS) as browser:
        with warnings.catch_warnings():  # a register's form that a room has replaced by its own bears the same name
            warnings.filterwarnings("ignore", "Duplicate Operation ID")
            document = app.openapi()
        for method, where, more in requests(document, Random(f"{dept}, hostile")):
            answer = await browser.request(method, where, **more)
            if answer.status_code >= 500:
                failed.append((method, where, more, answer.status_code))
    assert not failed


@pytest.mark.parametrize(("method", "where", "sent"), [
    ("POST", "/reader/patrons/X404/state", {"action": "block", "until": "-1"}),
    ("POST", "/reader/closed-days", {"first": "2026-03-02", "last": "soon", "reason": "x"}),
    ("POST", "/reader/closed-days", {"first": "9999-12-31", "last": "9999-12-31", "reason": "x"}),
    ("GET", "/reader/violations/a%00b", {}),
])
async def test_what_once_made_a_door_fail_is_refused_in_words(
    database: Callable[[str], Database], tmp_path: Path, method: str, where: str, sent: dict[str, str]
) -> None:
    service = importlib.import_module("services.reader.app").service
    async with opened(service, database("reader"), tmp_path) as app, client(app, BOSS) as browser:
        answer = await browser.request(method, where, data=sent or None)
    assert answer.status_code == 422
