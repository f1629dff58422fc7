"""Notices on screen: the log, a letter, wordings, colleges, and a patron's own. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.reader.app import service
from services.reader.desk.circulation import asking_back
from services.reader.desk.notices.sender import send_due
from shared.database import uuid7
from shared.identity import SYSTEM, Actor
from tests.reader.desk.conftest import CLERK, HEAD, OUTSIDER
from tests.support.departments import client, opened
from tests.support.mailbox import new_mailbox

ZHANG = "zhang@stu.yunshan.example"
WORDING = "/reader/notices/wordings/due_soon/zh"


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def told(desk, app, *, box=None, card: str = "", email: str = ZHANG) -> tuple[str, str]:
    """A patron with one book due in three days, told so; the card and the notice."""
    card = card or await desk.patron(email=email, college="文学院")
    now = desk.now
    desk.now = now - timedelta(days=27)
    barcode = await desk.item(title="活着")
    await desk.lend(card, barcode)
    desk.now = now
    await desk.do(asking_back.remind, SYSTEM)
    await send_due(app.state.kit.works, app.state.kit.settings, box.post if box else None)
    rows = await desk.rows("SELECT n.id FROM notice n JOIN patron p ON p.id = n.patron_id WHERE p.card = :card", card=card)
    return card, str(rows[-1][0])


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_screen_shows_itself(app, desk, lang) -> None:
    card, notice = await told(desk, app)
    async with client(app, HEAD, cookie=f"lang={lang}") as web:
        for path in (
            "/reader/notices", f"/reader/notices?q={card}&state=kept&hook=due_soon&date_from=2026-01-01&date_to=2099-01-01",
            "/reader/notices?q=nobody", "/reader/notices?state=failed", f"/reader/notices/{notice}", "/reader/notices/figures",
            "/reader/notices/wordings", WORDING, "/reader/notices/wordings/college/en", "/reader/notices/wordings/slip/zh?version=0",
            "/reader/notices/colleges", f"/reader/patrons/{card}", "/reader/overdue",
        ):
            shown = await web.get(path)
            assert shown.status_code == 200, (path, shown.text[:500])
            assert "<h1" in shown.text, path
    async with client(app, Actor(id=card, kind="patron", card=card), cookie=f"lang={lang}") as me:
        assert (await me.get("/reader/my")).status_code == 200
        assert "活着" in (await me.get("/reader/my/notices")).text


async def test_the_log_masks_addresses_and_reading_a_letter_is_written_down(app, desk) -> None:
    with new_mailbox().open() as box:
        card, notice = await told(desk, app, box=box)
    async with client(app, CLERK) as web:
        listed = (await web.get(f"/reader/notices?q={card}")).text
        letter = (await web.get(f"/reader/notices/{notice}")).text
        answer = (await web.get(f"/api/reader/notices?q={card}&state=sent")).json()
    assert ("z***@stu.yunshan.example" in listed, ZHANG in listed + letter) == (True, False)
    assert "《活着》" in letter
    assert (answer["total"], answer["items"][0]["to"]) == (1, "z***@stu.yunshan.example")
    (row,) = await desk.rows("SELECT actor, subject_id FROM audit WHERE action = 'read-letter'")
    assert tuple(row) == (CLERK.id, notice)


async def test_filters_find_what_they_say(app, desk) -> None:
    card, _notice = await told(desk, app)
    await told(desk, app, email="li@stu.yunshan.example")
    tomorrow = (desk.now + timedelta(days=2)).date().isoformat()
    async with client(app, CLERK) as web:
        async def total(query: str) -> int:
            return (await web.get(f"/api/reader/notices?{query}")).json()["total"]

        assert [await total(q) for q in ("", f"q={card}", "hook=overdue", "state=kept", f"date_from={tomorrow}", "q=nobody")] == [2, 1, 0, 2, 0, 0]
        wrong = await web.get("/reader/notices?date_from=yesterday")
        assert (wrong.status_code, "2026-11-30" in wrong.text) == (422, True)
        assert (await web.get("/reader/notices?state=nonsense&hook=nonsense")).status_code == 200


async def test_a_letter_is_sent_again_from_its_page_once(app, desk) -> None:
    _card, notice = await told(desk, app)
    async with client(app, CLERK) as web:
        moved = await web.post(f"/reader/notices/{notice}/again")
        fresh = moved.headers["location"]
        assert moved.status_code == 303
        assert "现在发出会是这样" in (await web.get(fresh)).text
        assert (await web.post(f"{fresh}/again")).status_code == 409  # it has not been sent yet
        assert (await web.post(f"/api/reader/notices/{notice}/again")).json()["code"] == "sent-again-already"
        assert (await web.post(f"/reader/notices/{uuid7()}/again")).status_code == 404


async def test_a_head_writes_looks_and_saves_and_loses_nothing_by_a_mistake(app, desk) -> None:
    typed = {"subject": "快还 {titel}", "text": "{items}\n我写的很长的话", "line": "{title}", "seen": "0"}
    async with client(app, HEAD) as web:
        wrong = await web.post(WORDING, data={**typed, "act": "save"})
        assert wrong.status_code == 422
        assert "{titel}" in wrong.text
        assert "我写的很长的话" in wrong.text
        looked = await web.post(WORDING, data={**typed, "subject": "快还 {count} 册", "act": "preview"})
        assert "快还 1 册" in looked.text
        assert await desk.rows("SELECT 1 FROM notice_wording") == []
        saved = await web.post(WORDING, data={**typed, "subject": "快还 {count} 册", "act": "save"})
        assert saved.status_code == 303
        assert (await web.post(WORDING, data={**typed, "subject": "另一版", "act": "save"})).status_code == 409
        assert "第 1 版" in (await web.get(WORDING)).text
        assert (await web.get(f"{WORDING}?version=9")).status_code == 404
        assert (await web.get("/reader/notices/wordings/nothing/zh")).status_code == 404


async def test_a_trial_goes_to_the_address_given_and_names_no_patron(app, desk) -> None:
    card, _notice = await told(desk, app)
    with new_mailbox().open() as box:
        async with client(app, HEAD) as web:
            bad = await web.post(f"{WORDING}/trial", data={"address": "not an address"})
            assert (bad.status_code, "not an address" in bad.text) == (422, True)
            gone = await web.post(f"{WORDING}/trial", data={"address": "me@lib.yunshan.example"})
            await send_due(app.state.kit.works, app.state.kit.settings, box.post)
            assert (await web.get(gone.headers["location"])).status_code == 200
    (letter,), (text,) = box.letters, box.texts()
    assert letter["To"] == "me@lib.yunshan.example"
    assert HEAD.name in text
    assert "张雨桐" not in text
    assert card[-4:] not in text


async def test_only_heads_change_wordings_and_contacts_and_strangers_see_nothing(app, desk) -> None:
    card, notice = await told(desk, app)
    form = {"subject": "x", "text": "{items}", "line": "{title}", "seen": "0"}
    async with client(app, CLERK) as clerk, client(app, OUTSIDER) as outside, client(app, None) as nobody:
        assert (await clerk.post(WORDING, data=form)).status_code == 403
        assert (await clerk.post(f"{WORDING}/trial", data={"address": "a@b.example"})).status_code == 403
        assert (await clerk.post("/reader/notices/colleges", data={"college": "x"})).status_code == 403
        for path in ("/reader/notices", f"/reader/notices/{notice}", "/api/reader/notices", "/reader/notices/colleges", WORDING):
            assert (await outside.get(path)).status_code == 403, path
        assert (await nobody.get("/api/reader/notices")).status_code == 401
    async with client(app, Actor(id=card, kind="patron", card=card)) as me:
        for path in ("/reader/notices", f"/reader/notices/{notice}", "/api/reader/notices"):
            assert (await me.get(path)).status_code == 403, path
    async with client(app, CLERK) as clerk:
        assert (await clerk.get("/reader/my/notices")).status_code == 403


async def test_college_contacts_are_kept_and_a_bad_address_is_not(app, desk) -> None:
    await desk.patron(college="文学院")
    async with client(app, HEAD) as web:
        assert "缺联系人" in (await web.get("/reader/notices/colleges")).text
        bad = await web.post("/reader/notices/colleges", data={"college": "文学院", "name": "王老师", "email": "wang@"})
        assert (bad.status_code, 'value="wang@"' in bad.text) == (422, True)
        for email in ("wang@lit.yunshan.example", "wang2@lit.yunshan.example"):
            assert (await web.post("/reader/notices/colleges", data={"college": "文学院", "name": "王老师", "email": email})).status_code == 303
        shown = (await web.get("/reader/notices/colleges")).text
    assert ("缺联系人" in shown, "wang2@lit" in shown) == (False, True)


async def test_patrons_read_their_own_letters_alone_and_say_what_they_want(app, desk) -> None:
    card, _notice = await told(desk, app)
    other, _other = await told(desk, app, email="li@stu.yunshan.example")
    async with client(app, Actor(id=other, kind="patron", card=other)) as me:
        mine = (await me.get("/reader/my/notices")).text
        assert mine.count("data-letter") == 1
        await me.post("/reader/my/notices", data={"hooks": ["hold_expiring", "loan_receipt", "nonsense"], "language": "en"})
    (row,) = await desk.rows("SELECT p.card, w.language, w.extra, w.without FROM notice_wish w JOIN patron p ON p.id = w.patron_id")
    assert tuple(row)[:3] == (other, "en", ["loan_receipt"])
    assert "due_soon" in row[3]
    assert "hold_expiring" not in row[3]
    assert card != other


async def test_the_slip_goes_to_the_mailbox_of_the_patron_at_the_desk(app, desk) -> None:
    card, barcode, s = await desk.patron(email=ZHANG), await desk.item(title="深度学习"), uuid7()
    async with client(app, CLERK) as web:
        nothing = await web.post("/reader/desk/slip/mail", data={"s": str(s)})
        assert nothing.status_code == 409
        for code in (card, barcode):
            await web.post("/reader/desk/scan", data={"sitting": str(s), "code": code, "mode": "lend"})
        assert "凭条发到邮箱" in (await web.get(f"/reader/desk/slip?s={s}")).text
        for _twice in range(2):
            assert (await web.post("/reader/desk/slip/mail", data={"s": str(s)})).status_code == 303
    with new_mailbox().open() as box:
        await send_due(app.state.kit.works, app.state.kit.settings, box.post)
    (text,) = box.texts()
    assert "借出 《深度学习》" in text


async def test_a_slip_without_a_mailbox_says_so(app, desk) -> None:
    card, barcode, s = await desk.patron(), await desk.item(), uuid7()
    async with client(app, CLERK) as web:
        for code in (card, barcode):
            await web.post("/reader/desk/scan", data={"sitting": str(s), "code": code, "mode": "lend"})
        answer = await web.post("/reader/desk/slip/mail", data={"s": str(s)})
    assert (answer.status_code, "没有登记电子邮箱" in answer.text) == (409, True)


async def test_a_card_is_issued_with_an_address_that_can_be_written_to(app, desk) -> None:
    form = {"card": "20239999", "name": "赵一", "category": "undergraduate"}
    async with client(app, CLERK) as web:
        bad = await web.post("/reader/patrons/new", data={**form, "email": "赵一@校内"})
        assert (bad.status_code, "赵一@校内" in bad.text) == (422, True)
        assert (await web.post("/reader/patrons/new", data={**form, "email": "zhao@stu.yunshan.example"})).status_code == 303
    assert (await desk.find_patron("20239999")).email == "zhao@stu.yunshan.example"
