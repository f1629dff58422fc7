"""Chinese is the message id; the English catalogue of each part is complete and agrees with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from shared import i18n
from shared.i18n import _
from tests.architecture.tree import ROOT

PARTS = ["shared", "gateway", *(f"services/{d}" for d in ("office", "resources", "tech", "reader", "institute"))]
PLACE = re.compile(r"\{(\w+)[^}]*\}")
OPTIONS = {"**.html": {"trimmed": "true", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}}
HAN = re.compile(r"[\u4e00-\u9fff]")


def catalogue(part: str) -> dict[str, str]:
    path = ROOT / part / "locale/en.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {
            (m.id if isinstance(m.id, str) else m.id[0]): (
                m.string if isinstance(m.string, str) else m.string[0]
            )
            for m in read_po(file) if m.id
        }


def used(part: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rows = extract_from_dir(
        str(ROOT / part), method_map=[("**/migrations/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")],
        options_map=OPTIONS, keywords={"_": None, "N_": None, "ngettext": (1, 2), "F": (1,)},
    )
    for filename, line, message, _comments, _context in rows:
        text = message if isinstance(message, str) else message[0]
        if text and HAN.search(text):
            found[text] = f"{part}/{filename}:{line}"
    return found


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_left_untranslated(part: str) -> None:
    known = {**catalogue("shared"), **catalogue(part)}
    missing = {text: where for text, where in used(part).items() if not known.get(text)}
    assert not missing, "\n".join(f"{where}: {text}" for text, where in sorted(missing.items(), key=str))


@pytest.mark.parametrize("part", PARTS)
def test_the_places_to_fill_are_the_same(part: str) -> None:
    wrong = {
        zh: en for zh, en in catalogue(part).items()
        if en and set(PLACE.findall(zh)) != set(PLACE.findall(en)) and not Path(zh).suffix
    }
    assert not wrong


def test_a_department_words_a_screen_before_the_kit_does_and_the_kit_before_the_other_departments() -> None:
    try:
        i18n.speak_for("office")
        with i18n.speaking("en"):
            assert (_("编号"), _("修复")) == ("Id", "Mend")
    finally:
        i18n.speak_for("")
