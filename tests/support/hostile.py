"""Requests made from an OpenAPI document: of the right shape, or hostile."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

# Quotes and braces of three languages, a path that climbs, NUL, an emoji, the wrong way of writing, very large, blank.
HOSTILE = (
    "'; DROP TABLE audit; --", "{{7*7}}${7*7}%s{0}", "../../etc/passwd", "a\x00b", "📚\u202e", "9" * 40, "-1", " ", "<b>\"&", "=1+1|x",
)
# What asks the network, or waits on purpose, is tested where it lives.
LEFT_OUT = ("/copying", "/live")
EACH, SAMPLE = 2, 40


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
