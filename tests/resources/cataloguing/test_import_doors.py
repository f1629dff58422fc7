"""Both doors of an import: the upload of programs, the screens of people.

covers: RES-MGT-01, RES-ACQ-01
"""

from __future__ import annotations

from services.resources.cataloguing.imports import runner
from services.resources.cataloguing.imports.rules import LARGEST_MB
from shared.testing.registers import han_in
from tests.resources.conftest import CLERK, RECORDS, House, until

API = "/api/resources/imports"
BNU = ("bnu.mrc", (RECORDS / "bnu.mrc").read_bytes())


async def test_a_program_hands_in_a_file_and_reads_what_became_of_it(house: House):
    await house.places()
    await runner.begin(house.kit)
    try:
        async with house.client() as client:
            made = await client.post(API, files={"file": BNU}, data={"location": "sk-2f"})
            assert (made.status_code, made.json()["state"]) == (202, "reading")
            number, key = made.json()["no"], made.json()["id"]

            async def done() -> bool:
                return (await client.get(f"{API}/{key}")).json()["state"] == "done"

            await until(done)
            job = (await client.get(f"{API}/{number}")).json()
            assert (job["position"], job["added"], job["duplicate"], job["refused"]) == (5, 5, 0, 0)
            page = (await client.get(f"{API}/{number}/lines", params={"outcome": "added", "limit": 2})).json()
            assert (len(page["items"]), page["total"], page["next"]) == (2, 5, 2)
            assert page["items"][0]["record"].startswith("B")
            assert (await client.get(API)).json()["total"] == 1
    finally:
        await runner.end(house.kit)


async def test_a_file_may_wait_for_a_word(house: House):
    await house.places()
    async with house.client() as client:
        made = (await client.post(API, files={"file": BNU}, data={"start": "0"})).json()
        assert made["state"] == "uploaded"
        assert [one["dialect"] for one in made["preview"]] == ["cnmarc"] * 5
        assert (await client.post(f"{API}/{made['no']}/start")).json()["state"] == "reading"
        assert (await client.post(f"{API}/{made['no']}/stop")).json()["state"] == "stopped"
        again = await client.post(f"{API}/{made['no']}/stop")
        assert (again.status_code, again.json()["code"]) == (409, "not-from-here")
        assert (await client.get(f"{API}/DR1999-0001")).status_code == 404


async def test_what_cannot_be_taken_is_refused_in_words(house: House):
    await house.place()
    async with house.client() as client:
        cases = [
            (await client.post(API, files={"file": ("e.mrc", b"")}), 422, "import.empty-file"),
            (await client.post(API, data={"x": "1"}), 422, "import.no-file"),
            (await client.post(API, files={"other": BNU}), 422, "import.no-file"),
            (await client.post(API, json={}), 422, "import.no-file"),
            (await client.post(API, files={"file": BNU}, data={"charset": "ebcdic"}), 422, "import.unknown-choice"),
            (await client.post(API, files={"file": BNU}, data={"dialect": "usmarc?"}), 422, "import.unknown-choice"),
            (await client.post(API, files={"file": BNU}, data={"location": "x"}), 422, "item.unknown-location"),
            (await client.post(API, content=b"-", headers={
                "content-type": "multipart/form-data; boundary=x", "content-length": str((LARGEST_MB + 2) << 20),
            }), 413, "import.file-too-large"),
        ]
        for answer, status, code in cases:
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.json()["message"]
    async with house.client(CLERK) as client:
        assert (await client.post(API, files={"file": BNU})).status_code == 403
        assert (await client.get(API)).status_code == 403
    assert await house.rows("SELECT 1 FROM import_job") == []


async def test_people_see_a_preview_then_start_and_read_the_results(house: House):
    await house.places()
    async with house.client(lang="en") as client:
        empty = await client.post("/resources/imports", files={"file": ("empty.mrc", b"")})
        assert empty.status_code == 422
        assert "empty.mrc" in empty.text
        made = await client.post("/resources/imports", files={"file": BNU}, data={"dialect": "auto", "charset": "auto"})
        assert made.status_code == 303
        url = made.headers["location"]
        preview = (await client.get(url)).text
        assert "CNMARC" in preview
        assert "UTF-8" in preview
        assert not han_in(preview)
        assert (await client.post(f"{url}/start")).status_code == 303
        reader = runner.Runner(house.kit)
        while await reader.once():
            pass
        for query in ("", "?outcome=added", "?outcome=refused", "?outcome=warned", "?page=99"):
            shown = await client.get(url + query)
            assert shown.status_code == 200
            assert not han_in(shown.text)
        listed = await client.get("/resources/imports?state=done")
        assert "bnu.mrc" in listed.text


async def test_a_key_makes_an_upload_happen_once(house: House):
    await house.places()
    async with house.client() as client:
        for _twice in range(2):
            answer = await client.post(API, files={"file": BNU}, headers={"idempotency-key": "k1"})
            assert answer.status_code == 202
    assert (await house.rows("SELECT count(*) FROM import_job"))[0][0] == 1
