"""`python -m deploy.docs`: write the pages of docs/ that are made from the code.

`docs/events.md` and `docs/asyncapi.json` from the published language, `docs/states.md` from every
LIFE table, `docs/duties.md` from what serves, proves and tests each duty, `docs/rights.md` from what
every route and register declares. A test fails when a page is stale.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from deploy.access import rights_page
from shared.duties import DUTIES
from shared.duties.docs import coverage, render
from shared.events import CATALOGUE, Event
from shared.settings import DEPARTMENTS

ROOT = Path(__file__).resolve().parent.parent
DUTY = re.compile(r"\b(?:OFF|RES|TEC|RDR|INS)-[A-Z]{3}(?:-[A-Z]{3})?-\d\d\b")


def events_page() -> str:
    """Every event: what it says, its fields, what it proves."""
    lines = ["# Events: the published language", "", f"{len(CATALOGUE)} events. Made by `make docs`.", ""]
    for dept in DEPARTMENTS:
        lines += [f"## {dept}", ""]
        for cls in sorted((c for c in CATALOGUE.values() if c.name.startswith(dept + ".")), key=lambda c: c.name):
            lines += [
                f"### {cls.name} (v{cls.version})", "", (cls.__doc__ or "").strip().splitlines()[0], "",
                f"> {cls.summary}", "",
                "Fields: " + ", ".join(f"`{name}`" for name in cls.model_fields) + ".",
            ]
            if cls.evidence:
                lines.append("Evidence of " + ", ".join(cls.evidence) + ".")
            lines.append("")
    lines += [
        "## Every department", "", "### <department>.case.moved (v1)", "",
        "A record of a register was opened or moved: number, title, state, who must act next, due, duties.", "",
        "### <department>.audit.sealed (v1)", "",
        "A stretch of the audit trail was closed with a seal: its number and the chain before and after it.", "",
    ]
    return "\n".join(lines)


def asyncapi() -> str:
    """The same for machines (AsyncAPI 3)."""
    channels: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for cls in sorted(CATALOGUE.values(), key=lambda c: c.name):
        key = f"{cls.name}.v{cls.version}".replace("-", "_")
        subject = f"guanwu.{cls.name}.v{cls.version}"
        channels[key] = {"address": subject, "messages": {cls.__name__: {"$ref": f"#/components/messages/{key}"}}}
        operations[key] = {"action": "send", "channel": {"$ref": f"#/channels/{key}"}}
        messages[key] = {
            "name": cls.__name__, "summary": (cls.__doc__ or "").strip().splitlines()[0],
            "contentType": "application/json", "payload": cls.model_json_schema(),
        }
    made = {
        "asyncapi": "3.0.0", "info": {"title": "Guanwu events", "version": "1"}, "channels": channels,
        "operations": operations, "components": {"messages": messages},
    }
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def lives() -> dict[str, Mapping[tuple[Any, str], Any]]:
    """Every LIFE table of the tree by the module that holds it."""
    found = {}
    for path in sorted((ROOT / "services").rglob("rules.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, value in inspect.getmembers(importlib.import_module(module)):
            if name.endswith("LIFE") and isinstance(value, Mapping) and value:
                key = f"{module.removeprefix('services.').removesuffix('.rules')}.{name}"
                found[key.removesuffix(".LIFE")] = value
    return found


def _word(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def states_page() -> str:
    """State diagrams of everything that has a life."""
    lines = ["# States", "", "Made by `make docs` from the tables the guards and the buttons use.", ""]
    for name, life in lives().items():
        lines += [f"## {name}", "", "```mermaid", "stateDiagram-v2"]
        first = next(iter(life))[0]
        lines.append(f"    [*] --> {_word(first)}")
        lines += [f"    {_word(source)} --> {_word(target)}: {action}" for (source, action), target in life.items()]
        lines += ["```", ""]
        labels = {s for (s, _a), t in life.items() for s in (s, t)}
        said = [f"{_word(s)} {s.label}" for s in sorted(labels, key=_word) if hasattr(s, "label")]
        lines += ["；".join(said) + "。" if said else "", ""]
    return "\n".join(lines)


def _screens() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for dept in DEPARTMENTS:
        service = importlib.import_module(f"services.{dept}.app").service
        for area in service.areas:
            for entry in area.entries:
                for duty in entry.serves:
                    found[duty].append(entry.url)
        for register in service.registers:
            for duty in (*register.serves, *(d for a in register.actions for d in a.serves or ())):
                if register.path not in found[duty]:
                    found[duty].append(register.path)
    return found


def _evidence() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for cls in sorted(CATALOGUE.values(), key=lambda c: c.name):
        _note(found, cls)
    for dept in DEPARTMENTS:
        for register in importlib.import_module(f"services.{dept}.app").service.registers:
            for duty in (*register.serves, *(d for a in register.actions for d in a.serves or ())):
                name = f"{dept}.case.moved ({register.slug})"
                if register.tells and name not in found[duty]:
                    found[duty].append(name)
    return found


def _note(found: dict[str, list[str]], cls: type[Event]) -> None:
    for duty in cls.evidence:
        found[duty].append(cls.name)


def _tests() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text()
        named = {d for line in text.splitlines() if "covers:" in line for d in DUTY.findall(line)}
        for duty in sorted(named & DUTIES.keys()):
            found[duty].append(path.relative_to(ROOT / "tests").as_posix())
    return found


def duties_page() -> str:
    """For each duty its screens, evidence and tests; and what is not covered."""
    return render(coverage(_screens(), _evidence(), _tests()))


PAGES = {
    "docs/events.md": events_page, "docs/asyncapi.json": asyncapi, "docs/states.md": states_page,
    "docs/duties.md": duties_page, "docs/rights.md": rights_page,
}


def main() -> None:
    """Write them all."""
    for name, make in PAGES.items():
        path = ROOT / name
        text = make()
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
