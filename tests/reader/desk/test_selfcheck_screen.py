"""Terminals are set up on a screen, by those who may. covers: RDR-LED-FRD-03"""

from __future__ import annotations

import re

from services.reader.app import service
from services.reader.desk.selfcheck import commands, queries
from tests.reader.desk.conftest import CLERK, HEAD
from tests.support.departments import client, opened

URL = "/reader/terminals"


async def test_a_terminal_is_registered_changed_and_given_a_new_password(database, desk, tmp_path) -> None:
    typed = {"name": "大厅", "account": "lobby", "charset": "gbk", "rights": ["lend", "nonsense"], "active": "true"}
    async with opened(service, database("reader"), tmp_path) as app:
        async with client(app, CLERK) as clerk:
            assert (await clerk.get(URL)).status_code == 403
        async with client(app, HEAD) as head:
            assert "还没有终端" in (await head.get(URL)).text
            assert (await head.get(f"{URL}/new")).status_code == 200
            wrong = await head.post(f"{URL}/new", data={**typed, "account": "!"})
            assert (wrong.status_code, "大厅" in wrong.text) == (422, True)
            made = await head.post(f"{URL}/new", data=typed)
            password = re.search(r"\b[A-Z2-9]{20}\b", made.text)
            assert password
            assert (await head.post(f"{URL}/new", data=typed)).status_code == 422
            async with desk.works.sessions() as session:
                kept = await queries.by_account(session, "lobby")
            assert kept is not None
            assert (kept.rights, kept.charset.value, commands.fits(kept.password_hash, password[0])) == (["lend"], "gbk", True)
            listed = (await head.get(URL)).text
            assert "lobby" in listed
            assert password[0] not in listed
            assert (await head.post(f"{URL}/{kept.id}", data={**typed, "name": "二层"})).status_code in {200, 303}
            assert "二层" in (await head.get(f"{URL}/{kept.id}")).text
            fresh = await head.post(f"{URL}/{kept.id}/password")
            assert password[0] not in fresh.text
            await head.post(f"{URL}/house", data={"institution": "YSU", "magnetic": ["cd", "stone"]})
    assert [tuple(row) for row in await desk.rows("SELECT institution, magnetic FROM terminal_house")] == [("YSU", ["cd"])]
    assert not await desk.rows("SELECT 1 FROM audit WHERE changes::text LIKE '%argon2%'")
