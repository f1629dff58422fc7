"""Events are a promise: names, fields and subjects may be added, never taken back."""

from __future__ import annotations

import json

import pytest

from shared.duties import DUTIES
from shared.events import CATALOGUE, Event, name_of
from tests.architecture.tree import DEPARTMENTS, ROOT

PROMISED = ROOT / "tests/architecture/events.json"
CLASSES = sorted(CATALOGUE.values(), key=lambda c: c.name)


def shape(cls: type[Event]) -> dict[str, object]:
    """What a consumer may rely on."""
    return {
        name: {"required": field.is_required(), "type": str(field.annotation)}
        for name, field in sorted(cls.model_fields.items())
    }


def test_every_promised_event_still_stands() -> None:
    promised = json.loads(PROMISED.read_text())
    now = {f"{c.name}.v{c.version}": shape(c) for c in CLASSES}
    for key, fields in promised.items():
        assert key in now, f"{key} was taken back"
        for name, was in fields.items():
            assert name in now[key], f"{key}.{name} was taken back"
            assert now[key][name]["type"] == was["type"], f"{key}.{name} changed its type"
        new = set(now[key]) - set(fields)
        assert not [n for n in new if now[key][n]["required"]], f"{key}: new fields must be optional"


def test_new_events_are_written_down() -> None:
    promised = json.loads(PROMISED.read_text())
    assert {f"{c.name}.v{c.version}" for c in CLASSES} == set(promised), "run: python -m tests.architecture.promise"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.name)
def test_an_event_is_named_after_its_department_and_proves_real_duties(cls: type[Event]) -> None:
    assert cls.name.split(".")[0] in DEPARTMENTS
    assert len(cls.name.split(".")) == 3
    assert name_of(f"guanwu.{cls.name}.v{cls.version}") == (cls.name, cls.version)
    assert cls.summary, "an event speaks a sentence"
    assert not [d for d in cls.evidence if d not in DUTIES]
    assert cls.__doc__
