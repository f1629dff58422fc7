"""The timeline: whole chains across departments, stages and their lengths, and what stays hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gateway.people.queries import actor_today
from gateway.timeline.forgetting import forget
from gateway.timeline.rules import in_words
from shared.database import uuid7
from shared.events.base import Envelope
from shared.events.office import PostAssigned
from shared.events.reader import (
    CardStateChanged,
    InspectionOpened,
    InspectionPassed,
    ItemDamaged,
    ItemLent,
)
from shared.events.resources import RepairCompleted, RepairOpened, RepairStarted
from shared.messaging.handlers import Handlers
from tests.gateway.conftest import HANDLERS, Running
from tests.support.days import local_day

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
BOOK = {"barcode": "A100001", "title": "三体", "slip": "PS2026-0001"}
JOB = {**BOOK, "item_id": "i1", "number": "XB2026-0001"}


async def _mend(gateway: Running) -> str:
    """A book is damaged, repaired and inspected: three departments' facts of one case."""
    case = uuid7()
    told = [
        (0, "S001", ItemDamaged(**BOOK, kind="page", kind_label="缺页", grade="medium", grade_label="中度")),
        (2, "system", RepairOpened(**JOB, kind="page", grade="medium")),
        (3600, "S002", RepairStarted(**JOB, diagnosis="补页", operator="S002")),
        (90_000, "S002", RepairCompleted(**JOB)),
        (90_001, "system", InspectionOpened(**BOOK, inspection_id="1")),
        (93_600, "S001", InspectionPassed(**BOOK, inspection_id="1", next="shelve", next_label="上架")),
    ]
    for seconds, actor, event in told:
        await gateway.feed(
            event, at=NOON + timedelta(seconds=seconds), actor=actor, correlation=case,
            kind="system" if actor == "system" else "staff",
        )
    return str(case)


async def test_a_case_shows_its_whole_chain_with_the_time_each_stage_took(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await gateway.staff("res-dig")
    case = await _mend(gateway)
    found = (await client.get(f"/api/timeline?correlation={case}")).json()
    assert found["total"] == 6
    assert [item["department"] for item in found["items"]] == [
        "reader", "resources", "resources", "resources", "reader", "reader"
    ]
    assert found["items"][0]["sentence"].startswith("发现《三体》破损")
    assert [item["actor"] for item in found["items"]] == ["林晓雯", "系统", "周明", "周明", "系统", "林晓雯"]
    assert [item["elapsed_seconds"] for item in found["items"]] == [None, 2, 3598, 86_400, 1, 3599]
    stages = [(stage["stage"], stage["elapsed_seconds"]) for stage in found["stages"]]
    assert stages == [
        ("破损待修", 2), ("待修补", 3598), ("修补中", 86_400), ("待回验", 3600), ("回验合格", None)
    ]
    page = (await client.get(f"/timeline?correlation={case}")).text
    assert "修补中" in page
    assert "1 天 0 小时" in page


async def test_an_item_a_case_and_a_person_are_found_by_their_numbers(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await gateway.staff("res-dig")
    await _mend(gateway)

    async def total(query: str) -> int:
        return int((await client.get(f"/api/timeline?{query}")).json()["total"])

    assert await total("item=a100001") == 6
    assert await total("case=XB2026-0001") == 3
    assert await total("person=S002") == 4  # joined, was given a post, started and completed
    assert await total("item=A9") == 0
    assert (await client.get("/api/timeline?correlation=nonsense")).status_code == 422


async def test_staff_learn_what_happened_but_not_which_patron_it_was(gateway: Running) -> None:
    from shared.events.reader import PatronRegistered

    client = await gateway.signed_in("rdr-dsk")
    await gateway.feed(PatronRegistered(card="R20230001", category="ug"))
    await gateway.feed(
        ItemLent(barcode="A1", title="三体", loan_id="1", card="R20230001", due_on=NOON.date()),
        actor="R20230001", kind="patron",
    )
    everything = (await client.get("/api/timeline")).text
    assert "R20230001" not in everything
    assert "R2***01" in everything
    assert "R20230001" not in (await client.get("/timeline")).text
    assert (await client.get("/api/timeline?person=R20230001")).json()["items"][0]["actor"] == "读者"


async def test_colleagues_posts_and_duties_are_called_by_name(gateway: Running) -> None:
    today = local_day()
    await gateway.feed(PostAssigned(
        staff_no="S002", post="TEC-LOG", holding_id="h1", valid_from=today, valid_to=today, stand_in_for="S001",
    ))
    client = await gateway.signed_in("rdr-dsk")
    told = (await client.get("/api/timeline", params={"person": "S002"})).json()["items"]
    sentence = next(one["sentence"] for one in told if one["event"] == "office.post.assigned")
    assert "S001" not in sentence
    assert "TEC-LOG" not in sentence
    assert "TEC-LOG-03" not in in_words("TEC-LOG-03（2026-11-20）：逾期", {})


async def test_a_patron_sees_their_own_line_and_no_other(gateway: Running) -> None:
    for card in ("R2023", "R2024"):
        await gateway.patron(card)
        await gateway.feed(
            ItemLent(barcode=f"A-{card}", title=f"书 {card}", loan_id="1", card=card, due_on=NOON.date()),
        )
    case = await _mend(gateway)
    client = await gateway.signed_in("r2023")
    mine = (await client.get("/api/timeline")).json()
    assert mine["total"] == 2
    assert "R2024" not in str(mine)
    assert mine["items"][-1]["actor"] == "馆员"  # which colleague it was is not theirs to know
    for other in ("person=R2024", "item=A-R2024", f"correlation={case}", "case=XB2026-0001"):
        assert (await client.get(f"/api/timeline?{other}")).status_code == 403
    assert (await client.get("/timeline")).status_code == 200


async def test_a_fact_from_a_newer_release_is_kept_and_named(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    envelope = Envelope(
        event_id=uuid7(), name="reader.robot.arrived", version=3, source="reader", seq=9, at=NOON,
        correlation=uuid7(),
    )
    async with gateway.kit.works.open() as work:
        await Handlers().include(*HANDLERS).handle(work, envelope, {"robot": 7})
    found = (await client.get(f"/api/timeline?correlation={envelope.correlation}")).json()
    assert found["total"] == 1
    assert "reader.robot.arrived" in found["items"][0]["sentence"]


async def test_hearing_the_same_fact_again_changes_nothing(gateway: Running) -> None:
    event = ItemDamaged(**BOOK, kind="page", kind_label="缺页", grade="medium", grade_label="中度")
    envelope = await gateway.feed(event, at=NOON)
    async with gateway.kit.works.open() as work:
        await Handlers().include(*HANDLERS).handle(
            work, envelope, event.model_dump(mode="json"), replay=True
        )
    async with gateway.kit.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM chronicle")) == 1


async def test_rights_follow_the_posts_of_the_day(gateway: Running) -> None:
    from datetime import date

    from shared.events.office import PostAssigned, PostEnded

    await gateway.staff("rdr-dsk")
    await gateway.feed(PostAssigned(
        holding_id="s", staff_no="S001", post="RES-MGT", valid_from=date(2026, 5, 4),
        valid_to=date(2026, 5, 8), stand_in_for="S009",
    ))
    await gateway.feed(PostEnded(holding_id="h-S001", staff_no="S001", post="RDR-DSK", valid_to=date(2026, 6, 30)))
    expected = {
        date(2025, 12, 31): (), date(2026, 5, 3): ("RDR-DSK",), date(2026, 5, 4): ("RDR-DSK", "RES-MGT"),
        date(2026, 5, 8): ("RDR-DSK", "RES-MGT"), date(2026, 5, 9): ("RDR-DSK",), date(2026, 7, 1): (),
    }
    async with gateway.kit.reading() as session:
        for day, posts in expected.items():
            actor = await actor_today(session, "S001", "staff", day)
            assert actor is not None
            assert actor.posts == posts, day


async def test_after_half_a_year_the_line_no_longer_says_which_patron_had_which_book(gateway: Running) -> None:
    def lent(card: str, n: int) -> ItemLent:
        return ItemLent(barcode=f"A20000{n}", title="三体", loan_id=f"l{n}", card=card, due_on=NOON.date())

    await gateway.feed(lent("20239901", 1), at=NOON, actor="20239901", kind="patron")
    await gateway.feed(lent("20239901", 2), at=NOON, actor="S001")
    await gateway.feed(lent("20239901", 3), at=NOON + timedelta(days=100), actor="S001")
    await gateway.feed(CardStateChanged(card="20239901", state="active", state_label="正常"), at=NOON, actor="S001")

    async def joined() -> list[tuple[str, str, str]]:
        async with gateway.kit.sessions() as session:
            return [tuple(row) for row in await session.execute(text(
                "SELECT payload ->> 'barcode', payload ->> 'card', actor FROM chronicle WHERE payload ? 'title' ORDER BY 1"
            ))]

    async with gateway.kit.works.open(now=NOON + timedelta(days=181)) as work:
        assert await forget(work, batch=1) == 2
        assert await forget(work) == 0
    assert await joined() == [("A200001", "", ""), ("A200002", "", "S001"), ("A200003", "20239901", "S001")]
    async with gateway.kit.sessions() as session:
        refs = await session.execute(text(
            "SELECT r.ref, c.name FROM chronicle_ref r JOIN chronicle c USING (event_id) WHERE r.ref LIKE 'patron:%' ORDER BY 2"
        ))
        assert [tuple(row) for row in refs] == [
            ("patron:20239901", "reader.card.state-changed"), ("patron:20239901", "reader.item.lent"),
        ]
    # What its source has forgotten already names nobody when it is heard.
    await gateway.feed(lent("", 4), at=NOON, actor="S001")
    async with gateway.kit.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM chronicle_ref WHERE ref = 'patron:'")) == 0
