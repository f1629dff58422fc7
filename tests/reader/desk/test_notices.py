"""Notices to patrons with a real mail server: each once, grouped, still true, in the right words.

covers: RDR-LED-FRD-01, RDR-DSK-BAS-02
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
import structlog

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation import asking_back, undo
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.holds import commands as holds
from services.reader.desk.notices import commands, rules
from services.reader.desk.notices.model import Hook, NoticeState
from services.reader.desk.notices.sender import send_due
from services.reader.desk.notices.smtp import Post
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Document
from shared.identity import SYSTEM, Actor
from shared.refusals import Invalid, NotAllowed
from shared.settings import Settings
from tests.reader.desk.conftest import CLERK, HEAD
from tests.support.mailbox import Mailbox, new_mailbox

SETTINGS = Settings(service="reader", database_url="postgresql://nowhere", public_url="https://lib.yunshan.example")
ZHANG = "zhang@stu.yunshan.example"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with new_mailbox().open() as made:
        yield made


async def send(desk, box: Mailbox | None, **more):
    return dict(await send_due(desk.works, more.get("settings", SETTINGS), box.post if box else None, now=desk.now))


async def states(desk) -> list[tuple[str, str, str]]:
    return [tuple(r) for r in await desk.rows("SELECT hook, state, answer FROM notice ORDER BY at, id")]


async def remind(desk) -> int:
    return await desk.do(asking_back.remind, SYSTEM)


async def fetch_home(desk, title: str = "活着", **person) -> tuple[str, str]:
    card, barcode = await desk.patron(**{"email": ZHANG, **person}), await desk.item(title=title)
    await desk.lend(card, barcode)
    return card, barcode


async def test_what_is_due_soon_comes_in_one_letter_however_often_the_clock_strikes(desk, mailbox) -> None:
    card, _one = await fetch_home(desk)
    await desk.lend(card, await desk.item(title="万历十五年"))
    desk.days_later(27)
    assert (await remind(desk), await remind(desk)) == (2, 2)
    assert await send(desk, mailbox) == {"sent": 1}
    assert await send(desk, mailbox) == {}
    (letter,) = mailbox.letters
    (text,) = mailbox.texts()
    assert (letter["To"], letter["Subject"]) == (ZHANG, "借书将到期：2 册")
    assert "《活着》" in text
    assert "《万历十五年》" in text
    assert "张雨桐 读者" in text
    assert "https://lib.yunshan.example/reader/my" in text
    await remind(desk)
    assert await send(desk, mailbox) == {}


async def test_overdue_is_told_on_the_first_seventh_and_thirtieth_day_and_the_sixtieth_goes_to_the_college(desk, mailbox) -> None:
    await desk.do(commands.save_contact, HEAD, college="文学院", name="王老师", email="wang@lit.yunshan.example")
    await fetch_home(desk, college="文学院")
    await fetch_home(desk, title="围城", college="文学院", email="")
    await fetch_home(desk, title="边城", college="")
    due = desk.now + timedelta(days=30)
    for day in (1, 7, 30, 60):
        desk.now = due + timedelta(days=day)
        await remind(desk)
        await remind(desk)
        await send(desk, mailbox)
    by_receiver: dict[str, list[str]] = {}
    for letter, text in zip(mailbox.letters, mailbox.texts(), strict=True):
        by_receiver.setdefault(letter["To"], []).append(text)
    # Two patrons share an address here: three letters each, and the one without a college hears the sixtieth too.
    assert len(by_receiver[ZHANG]) == 7
    (list_,) = by_receiver["wang@lit.yunshan.example"]
    assert "王老师 老师" in list_
    assert "《活着》" in list_
    assert "《围城》" in list_
    assert "《边城》" not in list_
    assert "已超期 7 天" in "".join(by_receiver[ZHANG])
    assert {s for _h, s, _a in await states(desk)} == {"sent", "kept"}  # kept: the patron without an address


async def test_a_book_that_came_back_or_was_renewed_in_the_meantime_is_not_asked_for(desk, mailbox) -> None:
    card, back = await fetch_home(desk)
    renewed, left = await desk.item(title="围城"), await desk.item(title="边城")
    await desk.lend(card, renewed)
    await desk.lend(card, left)
    desk.days_later(27)
    await remind(desk)
    await desk.take_back(back)
    await desk.do(circulation.renew, barcode=renewed)
    assert (await send(desk, mailbox))["sent"] == 1
    assert mailbox.letters[0]["Subject"] == "借书将到期：1 册"
    assert "边城" in mailbox.texts()[0]
    dropped = {a for h, s, a in await states(desk) if s == "dropped" and h == "due_soon"}
    assert dropped == {"已归还", "已续借，应还日期已变"}


async def test_a_hold_is_told_when_ready_about_to_end_postponed_expired_and_cancelled(desk, mailbox) -> None:
    _first, barcode = await fetch_home(desk, email="")
    waiting = await desk.patron(email="li@stu.yunshan.example")
    instance = (await desk.find_item(barcode)).instance_id
    await desk.do(holds.place, card=waiting, instance_id=instance)
    await desk.take_back(barcode)
    await send(desk, mailbox)
    assert mailbox.letters[-1]["Subject"] == "预约图书到馆：1 册"
    assert "预约架 A-" in mailbox.texts()[-1]
    until = (await desk.rows("SELECT until FROM hold"))[0][0]
    desk.days_later((until - desk.today).days - 1)
    assert await desk.do(commands.warn_of_pickups, SYSTEM) == 1
    assert await desk.do(commands.warn_of_pickups, SYSTEM) == 0
    await send(desk, mailbox)
    assert mailbox.letters[-1]["Subject"] == "预约图书保留将到期"
    async with desk.work() as work:
        from services.reader.desk.items.queries import lock_item

        await holds.put_back(work, await lock_item(work.session, barcode), reason="发现破损")
    await send(desk, mailbox)
    assert "发现破损，排第 1 位" in mailbox.texts()[-1]
    (hold_id,) = (await desk.rows("SELECT id FROM hold"))[0]
    await desk.do(holds.cancel, hold_id=hold_id, reason="借还台取消")
    await send(desk, mailbox)
    assert mailbox.letters[-1]["Subject"] == "预约已取消"
    assert {letter["To"] for letter in mailbox.letters if "预约" in letter["Subject"]} == {"li@stu.yunshan.example"}


async def test_an_unfetched_hold_and_the_suspension_after_it_are_told(desk, mailbox) -> None:
    _first, barcode = await fetch_home(desk, email="")
    waiting = await desk.patron(email="li@stu.yunshan.example")
    async with desk.work(SYSTEM) as work:
        from sqlalchemy import text

        await work.session.execute(text("UPDATE patron SET no_shows = 2 WHERE card = :card"), {"card": waiting})
    await desk.do(holds.place, card=waiting, instance_id=(await desk.find_item(barcode)).instance_id)
    await desk.take_back(barcode)
    desk.days_later(20)
    await desk.do(holds.expire, SYSTEM)
    await send(desk, mailbox)
    subjects = [letter["Subject"] for letter in mailbox.letters if letter["To"].startswith("li@")]
    assert sorted(subjects) == sorted(["预约图书逾期未取", "读者证停借"])
    assert ("hold_ready", "dropped", "已不在预约架上") in await states(desk)


async def test_a_patron_who_cancels_in_person_is_not_told(desk, mailbox) -> None:
    _first, barcode = await fetch_home(desk)
    waiting = await desk.patron(email="li@stu.yunshan.example")
    hold, _place = await desk.do(holds.place, card=waiting, instance_id=(await desk.find_item(barcode)).instance_id)
    await desk.do(holds.cancel, Actor(id=waiting, kind="patron", card=waiting), hold_id=hold.id)
    assert await states(desk) == []


async def test_receipts_wait_for_the_end_of_the_visit_and_an_undone_return_is_not_confirmed(desk, mailbox) -> None:
    card, one = await fetch_home(desk)
    await desk.do(
        commands.save_wish, patron_id=(await desk.find_patron(card)).id, language="zh", extra=["return_receipt"], without=[],
    )
    two, three = await desk.item(title="围城"), await desk.item(title="边城")
    await desk.lend(card, two)
    await desk.lend(card, three)
    await desk.take_back(one)
    await desk.take_back(two)
    done = await desk.take_back(three)
    await desk.do(undo.undo, loan_id=done.loan.id)
    assert await send(desk, mailbox) == {}
    desk.now += timedelta(minutes=11)
    assert await send(desk, mailbox) == {"sent": 1}
    assert mailbox.letters[0]["Subject"] == "还书回执：2 册"
    assert ("return_receipt", "dropped", "归还已撤销") in await states(desk)


async def test_a_charge_is_told_with_its_amount_unless_it_was_paid_at_once(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500, title="活着")
    other = await desk.patron(email="li@stu.yunshan.example")
    await desk.do(charges.charge, card=other, kind=Kind.barcode, amount_fen=100)
    await desk.do(charges.pay, card=other)
    desk.now += timedelta(minutes=11)
    assert await send(desk, mailbox) == {"sent": 1, "dropped": 1}
    assert "污损赔偿 活着 ¥5.00" in mailbox.texts()[0]


async def test_a_lost_card_is_told_at_once_and_its_end_too(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    lost = partial(patrons.change_card, action="report_loss", reason="读者电话")
    found = partial(patrons.unblock, document=Document.student_card, last4="0001")
    stopped = partial(patrons.change_card, action="suspend", reason="读者电话")
    for verb, subject in ((lost, "读者证已挂失"), (found, "读者证已恢复使用"), (stopped, "读者证停借")):
        await desk.do(verb, card=card)
        await send(desk, mailbox)
        assert mailbox.letters[-1]["Subject"] == subject
        assert card not in mailbox.texts()[-1]
        desk.now += timedelta(minutes=1)
    await desk.do(patrons.extend, card=card, valid_to=desk.today + timedelta(days=90))
    assert await send(desk, mailbox) == {}


async def test_what_has_no_fact_of_its_own_is_queued_by_hand_and_once_and_looked_at_again_before_it_leaves(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    patron = await desk.find_patron(card)
    for expected in (True, False):
        queued = await desk.do(
            commands.queue, hook=Hook.clearance, patron_id=patron.id, about=card, stage="2027-06",
            facts={"what_label": "在借图书", "title": "活着", "due_on": "2027-06-01", "card": card},
        )
        assert queued is expected
    # The patron has nothing to settle: the letter would be untrue.
    assert await send(desk, mailbox) == {"dropped": 1}
    assert not mailbox.letters


async def test_an_address_the_server_refuses_is_kept_as_a_failure_and_sent_again_once_mended(desk, mailbox) -> None:
    await fetch_home(desk)
    desk.days_later(27)
    await remind(desk)
    mailbox.answers[ZHANG] = f"550 5.1.1 <{ZHANG}> user unknown"
    assert await send(desk, mailbox) == {"failed": 1}
    ((_hook, state, answer),) = await states(desk)
    assert (state, "550" in answer, ZHANG in answer, "z***@" in answer) == ("failed", True, False, True)
    desk.days_later(1)
    assert await send(desk, mailbox) == {}
    async with desk.work(SYSTEM) as work:
        from sqlalchemy import text

        await work.session.execute(text("UPDATE patron SET email = 'new@stu.yunshan.example' WHERE email <> ''"))
    (notice_id,) = (await desk.rows("SELECT id FROM notice"))[0]
    again = await asyncio.gather(
        *(desk.do(commands.send_again, notice_id=notice_id) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, rules.SentAgainAlready) for one in again) == 2
    assert await send(desk, mailbox) == {"sent": 1}
    assert mailbox.letters[0]["To"] == "new@stu.yunshan.example"


async def test_a_temporary_no_is_tried_again_later_and_later_and_given_up_in_the_end(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    mailbox.answers[ZHANG] = "451 4.7.1 greylisted"
    pauses = []
    for _try in range(rules.MOST_ATTEMPTS - 1):
        assert await send(desk, mailbox) == {"later": 1}
        assert await send(desk, mailbox) == {}
        (next_at,) = (await desk.rows("SELECT next_at FROM notice"))[0]
        pauses.append((next_at - desk.now) // timedelta(minutes=1))
        desk.now = next_at
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == 240
    assert await send(desk, mailbox) == {"failed": 1}


async def test_a_letter_refused_after_its_words_were_given_has_failed(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    mailbox.data_answer = "554 5.7.1 spam"
    assert await send(desk, mailbox) == {"failed": 1}


async def test_a_server_that_is_away_loses_nothing_and_blames_nobody(desk) -> None:
    box = new_mailbox()
    for n in range(3):
        card = await desk.patron(email=f"p{n}@stu.yunshan.example")
        await desk.do(patrons.change_card, card=card, action="report_loss")
    assert await send(desk, box) == {"trouble": 1}  # one look is enough
    assert [s for _h, s, _a in await states(desk)] == ["queued"] * 3
    desk.now += timedelta(minutes=3)
    with box.open():
        assert await send(desk, box) == {"sent": 3}
    assert {letter["To"] for letter in box.letters} == {f"p{n}@stu.yunshan.example" for n in range(3)}


@pytest.mark.filterwarnings("ignore")  # the test's server has no TLS and says so
async def test_a_server_that_wants_a_name_gets_it_and_a_wrong_password_costs_no_letter(desk) -> None:
    from dataclasses import replace

    from aiosmtpd.smtp import AuthResult

    def known(_server, _session, _envelope, _mechanism, data):
        return AuthResult(success=data.password == b"right", handled=False)

    card = await desk.patron(email=ZHANG)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    box = new_mailbox()
    with box.open(auth_required=True, auth_require_tls=False, authenticator=known):
        for password, outcome in (("wrong", "trouble"), ("right", "sent")):
            post = replace(box.post, user="library", password=password)
            assert dict(await send_due(desk.works, SETTINGS, post, now=desk.now)) == {outcome: 1}
            desk.now += timedelta(minutes=3)
    assert len(box.letters) == 1


async def test_a_letter_meant_for_a_safe_line_never_takes_an_open_one(desk, mailbox) -> None:
    from dataclasses import replace

    card = await desk.patron(email=ZHANG)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    post = replace(mailbox.post, security="starttls")  # the server offers none
    assert dict(await send_due(desk.works, SETTINGS, post, now=desk.now)) == {"trouble": 1}
    assert mailbox.letters == []


def test_mail_is_off_until_a_server_is_named_and_the_password_is_not_shown() -> None:
    assert Post.of(SETTINGS) is None
    on = SETTINGS.model_copy(update={"smtp_host": "mx.yunshan.example", "smtp_password": "geheim"})
    post = Post.of(on)
    assert post is not None
    assert (post.port, post.security, post.sender) == (587, "starttls", "library@mx.yunshan.example")
    assert "geheim" not in repr(on) + repr(post)


async def test_two_replicas_send_one_letter(desk, mailbox) -> None:
    for n in range(6):
        card = await desk.patron(email=f"p{n}@stu.yunshan.example")
        await desk.do(patrons.change_card, card=card, action="report_loss")
    await asyncio.gather(*(send(desk, mailbox) for _ in range(4)))
    await send(desk, mailbox)
    assert sorted(letter["To"] for letter in mailbox.letters) == [f"p{n}@stu.yunshan.example" for n in range(6)]


async def test_no_more_leave_in_a_minute_than_the_server_likes(desk, mailbox) -> None:
    for n in range(5):
        card = await desk.patron(email=f"p{n}@stu.yunshan.example")
        await desk.do(patrons.change_card, card=card, action="report_loss")
    slow = SETTINGS.model_copy(update={"smtp_per_minute": 2})
    sent = []
    for _minute in range(3):
        sent.append((await send(desk, mailbox, settings=slow)).get("sent"))
        desk.now += timedelta(seconds=61)
    assert sent == [2, 2, 1]


async def test_without_a_server_the_letter_is_written_and_stays_in_the_account(desk) -> None:
    await fetch_home(desk)
    desk.days_later(27)
    await remind(desk)
    assert await send(desk, None) == {"kept": 1}
    (row,) = await desk.rows("SELECT subject, state, answer FROM letter")
    assert tuple(row) == ("借书将到期：1 册", "kept", "未配置邮件服务器")


async def test_headers_are_ascii_bodies_utf_8_and_a_title_cannot_add_a_header(desk, mailbox) -> None:
    await fetch_home(desk, title="龘靐齉爩\r\nBcc: x@y.example")
    desk.days_later(27)
    await desk.do(
        commands.save_wording, HEAD, hook=Hook.due_soon, language="zh", seen=0,
        words=rules.Words("{name}：😀 {items}", "{items}", "《{title}》"),
    )
    await remind(desk)
    await send(desk, mailbox)
    (raw,), (letter,) = mailbox.raw, mailbox.letters
    assert raw.isascii()
    assert letter["Bcc"] is None
    assert letter["Subject"].startswith("张雨桐：😀")
    assert "龘靐齉爩" in mailbox.texts()[0]
    html = letter.get_body(("html",)).get_content()
    assert "龘靐齉爩" in html
    assert "云山大学图书馆" in letter["From"]
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "zh-CN")


async def test_markup_in_a_title_is_words_in_the_letter(desk, mailbox) -> None:
    await fetch_home(desk, title="<script>alert(1)</script>{{7*7}}{title}")
    desk.days_later(27)
    await remind(desk)
    await send(desk, mailbox)
    html = mailbox.letters[0].get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "{{7*7}}{title}" in mailbox.texts()[0]


@pytest.mark.parametrize(("words", "field"), [
    (rules.Words("{secret}", "{items}", "{title}"), "subject"),
    (rules.Words("x", "{name.__class__} {items}", "{title}"), "text"),
    (rules.Words("x", "{items} {", "{title}"), "text"),
    (rules.Words("x", "{items}", "{shelf}"), "line"),
    (rules.Words("x", "没有地方", "{title}"), "text"),
    (rules.Words("", "{items}", "{title}"), "subject"),
])
def test_a_wording_that_cannot_be_filled_is_refused_with_a_sentence(words, field) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(Hook.due_soon, words)
    assert list(refused.value.errors) == [field]


def test_a_sentence_names_what_is_wrong_and_what_may_be_used() -> None:
    with pytest.raises(rules.UnknownPlace) as refused:
        rules.check(Hook.due_soon, rules.Words("x", "{items} {tittle}", ""))
    assert "{tittle}" in refused.value.errors["text"]
    assert "{count}" in refused.value.errors["text"]


async def test_wordings_are_versions_and_two_writers_do_not_overwrite_each_other(desk, mailbox) -> None:
    words = rules.Words("快到期了", "{items}", "{title}")
    made = await asyncio.gather(*(
        desk.do(commands.save_wording, HEAD, hook=Hook.due_soon, language="zh", words=words, seen=0) for _ in range(3)
    ), return_exceptions=True)
    assert sum(isinstance(one, rules.WordingChanged) for one in made) == 2
    with pytest.raises(NotAllowed):
        await desk.do(commands.save_wording, CLERK, hook=Hook.due_soon, language="zh", words=words, seen=1)
    await fetch_home(desk)
    desk.days_later(27)
    await remind(desk)
    await send(desk, mailbox)
    assert mailbox.letters[0]["Subject"] == "快到期了"
    assert (await desk.rows("SELECT wording FROM letter"))[0][0] == 1


async def test_courtesies_can_be_declined_obligations_cannot_and_extras_are_asked_for(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    patron = await desk.find_patron(card)
    await desk.do(
        commands.save_wish, patron_id=patron.id, language="en", extra=["loan_receipt", "overdue"],
        without=["due_soon", "overdue"],
    )
    await desk.lend(card, await desk.item())
    desk.now += timedelta(minutes=11)
    await send(desk, mailbox)
    assert mailbox.letters[0]["Subject"] == "You borrowed 1 item(s)"
    desk.days_later(27)
    await remind(desk)
    assert await send(desk, mailbox) == {"dropped": 1}
    desk.days_later(4)
    await remind(desk)
    assert await send(desk, mailbox) == {"sent": 1}
    assert mailbox.letters[-1]["Subject"].startswith("Overdue")


async def test_letters_are_forgotten_after_half_a_year(desk, mailbox) -> None:
    card = await desk.patron(email=ZHANG)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    await send(desk, mailbox)
    desk.days_later(rules.KEEP_DAYS - 1)
    await desk.do(commands.forget, SYSTEM)
    assert len(await desk.rows("SELECT 1 FROM letter")) == 1
    desk.days_later(2)
    await desk.do(commands.forget, SYSTEM)
    assert await desk.rows("SELECT 1 FROM letter") == []
    assert await states(desk) == []


async def test_no_address_and_no_card_reach_the_logs(desk, mailbox, caplog) -> None:
    card, _barcode = await fetch_home(desk)
    desk.days_later(31)
    await remind(desk)
    away = Post("127.0.0.1", new_mailbox().port, "none", "", "", "lib@yunshan.example", "馆", 2)
    with structlog.testing.capture_logs() as said, caplog.at_level(0):
        await send_due(desk.works, SETTINGS, away, now=desk.now)
        desk.now += timedelta(minutes=5)
        mailbox.answers[ZHANG] = f"550 {ZHANG} unknown"
        await send(desk, mailbox)
    everything = "\n".join([*(str(line) for line in said), *(r.getMessage() for r in caplog.records if r.name != "mail.log")])
    assert ZHANG not in everything
    assert card not in everything
    assert (await states(desk))[0][1] == NoticeState.failed.value
