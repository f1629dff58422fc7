"""Holes of locked packages are told one a line; a source that knows none of a notorious version is believed nothing."""

import pytest

from deploy.local import advisories

HOLED = {"name": "jinja2", "version": "2.11.2", "vulns": [{"id": "PYSEC-2021-66", "fix_versions": ["2.11.3"]}, {"id": "X", "fix_versions": []}]}
CANARY = {"name": "django", "version": "2.0.1", "vulns": [{"id": "PYSEC-2018-2", "fix_versions": ["2.0.2"]}]}
SOUND = {"name": "redis", "version": "1", "vulns": []}


def test_each_hole_is_a_line() -> None:
    assert advisories.found([SOUND, HOLED]) == ["jinja2 2.11.2: PYSEC-2021-66, mended in 2.11.3", "jinja2 2.11.2: X, mended in no version yet"]


@pytest.mark.parametrize(("known", "code", "said"), [
    ([SOUND], 0, "nothing is known of the locked packages"),
    ([SOUND, CANARY], 0, "no known holes in 1 locked packages"),
    ([SOUND, HOLED, CANARY], 1, "jinja2 2.11.2: X"),
])
def test_a_source_is_believed_once_it_names_what_everybody_knows(known, code, said, monkeypatch, capsys) -> None:
    monkeypatch.setattr(advisories, "_ask", lambda *_given: (known, ""))
    monkeypatch.setattr(advisories, "_fetched", lambda _folder: ("python", ""))
    assert advisories.main() == code
    assert said in capsys.readouterr().out
