"""Whatever the whole suite has written into its logs until now: not one of its secrets.

covers: TEC-SYS-03
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from deploy.local.suite import Suite
from tests.support.people import People

GUESSED = "a-wrong-guess-7719"


def written(suite: Suite) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(suite.log.iterdir()) if path.is_file()}


async def test_no_log_holds_a_password_a_key_or_a_token(suite: Suite, people: People) -> None:
    desk = await people("rdr-dsk")
    token = desk.headers["authorization"].removeprefix("Bearer ")
    async with httpx.AsyncClient(base_url=suite.base_url, timeout=30) as browser:
        signed_in = await browser.post("/login", data={"username": "rdr-dsk", "password": suite.password})
        session = signed_in.headers["set-cookie"].split(";")[0].split("=", 1)[1]
        for sent in (
            browser.post("/login", data={"username": "rdr-led", "password": GUESSED}),
            browser.post("/api/token", json={"username": "rdr-led", "password": GUESSED}),
            browser.get("/api/reader/patrons/X404", headers={"authorization": f"Bearer {token}x"}),
            browser.post("/account/password", data={"old": GUESSED, "new": GUESSED, "again": GUESSED}),
            browser.post("/nowhere", content=GUESSED, headers={"idempotency-key": GUESSED}),
        ):
            assert (await sent).status_code < 500
    kept = {path.name: path.read_text().strip() for path in Path(suite.secrets.folder).iterdir() if path.is_file()}
    assert len(kept) > 15
    assert {"postgres", "reader_app", "reader_owner", "reader.nk"} <= kept.keys()
    keys = {path.name: "".join(path.read_text().split())[60:100] for path in (suite.var / "files/keys").rglob("*") if path.is_file()}
    secrets = kept | keys | {"session": session, "token": token, "guess": GUESSED, "demo": suite.password}
    logs = await asyncio.to_thread(written, suite)
    assert {"reader.log", "gateway.log", "postgres.log", "nats.log"} <= logs.keys()
    assert not [(log, name) for log, said in logs.items() for name, secret in secrets.items() if secret and secret.encode() in said]
