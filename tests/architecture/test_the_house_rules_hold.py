"""What import-linter cannot say about the tree."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.icons import used_icons
from tests.architecture.tree import DEPARTMENTS, ROOT, named, sources

LONGEST = 300
MAY_COMMIT = {"shared/work.py", "shared/doors.py", "shared/migrations.py"}


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {named(p): n for p in sources() if (n := len(p.read_text().splitlines())) > LONGEST}
    assert not long


def test_only_the_kit_commits() -> None:
    found = []
    for path in sources():
        if named(path) in MAY_COMMIT or named(path).startswith("shared/messaging/"):
            continue
        found += [
            f"{named(path)}:{node.lineno}" for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        ]
    assert not found


def test_departments_import_neither_each_other_nor_the_gateway() -> None:
    found = []
    for dept in DEPARTMENTS:
        for path in sources(f"services/{dept}"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = (
                    [a.name for a in node.names] if isinstance(node, ast.Import)
                    else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                )
                found += [
                    f"{named(path)} imports {name}" for name in names
                    if name.split(".")[0] in {"gateway", "tests", "deploy"}
                    or (name.startswith("services.") and name.split(".")[1] != dept)
                ]
    assert not found


def test_every_entry_of_the_navigation_has_its_icon_drawn() -> None:
    drawn = used_icons(ROOT)
    for dept in DEPARTMENTS:
        service = importlib.import_module(f"services.{dept}.app").service
        missing = {entry.url: entry.icon for area in service.areas for entry in area.entries if entry.icon not in drawn}
        assert not missing


def test_shared_imports_neither_services_nor_gateway() -> None:
    pattern = re.compile(r"^\s*(from|import) (services|gateway|tests|deploy)\b", re.M)
    assert not [named(p) for p in sources("shared") if pattern.search(p.read_text())]


def test_clocks_and_random_ids_come_from_the_kit() -> None:
    naive = re.compile(r"datetime\.now\(\)|datetime\.utcnow|date\.today\(\)|\buuid4\b")
    assert not [named(p) for p in sources("services", "gateway") if naive.search(p.read_text())]


def test_a_day_is_the_library_s_own_day() -> None:
    """From midnight to eight in the library it is still yesterday in UTC: a day taken from there is wrong for a third of it."""
    foreign = re.compile(r"date\.today\(\)|datetime\.now\(UTC\)\.date\(\)|\.now\.date\(\)|\.astimezone\(\)")
    asked = [p for p in sources("services", "gateway", "shared", "tests") if p.name != Path(__file__).name]
    assert not [named(p) for p in asked if foreign.search(p.read_text(encoding="utf-8"))]


def test_no_vague_module_names() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc", "base_service", "repository"}
    assert not [named(p) for p in sources() if p.stem in vague]


@pytest.mark.parametrize("dept", DEPARTMENTS)
def test_a_department_stands_alone(dept: str, tmp_path: object) -> None:
    """An image holds `shared/` and one department: nothing else may be needed to import it."""
    folder = str(tmp_path)
    for part in ("shared", f"services/{dept}"):
        target = f"{folder}/{part}"
        subprocess.run(["mkdir", "-p", target], check=True)
        subprocess.run(["cp", "-r", f"{ROOT / part}/.", target], check=True)
    subprocess.run(["cp", str(ROOT / "services/__init__.py"), f"{folder}/services/"], check=True)
    code = f"import services.{dept}.app as a; print(a.service.name)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": folder},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == dept


def test_every_list_turns_its_pages_by_the_same_word() -> None:
    """The pager links with `page`; a route that reads `page_no` shows its first page for ever."""
    wrong = [
        named(path) for path in sources()
        if re.search(r"WorkDep[^)]*\bpage_no: int\b", path.read_text(encoding="utf-8"))
    ]
    assert not wrong, wrong
