"""Whatever is written into addresses, questions and bodies, no door fails: each operation of each service's own
OpenAPI document gets a few requests, ordinary and hostile, from somebody who may do everything.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from shared.duties import DEPARTMENTS, POSTS
from shared.identity import Actor
from tests.support.databases import Database
from tests.support.departments import client, opened
from tests.support.hostile import requests

BOSS = Actor("S999", "全能", posts=(*POSTS, "director", "deputy", *(f"head-{slug}" for slug in DEPARTMENTS)), card="P999")


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
