"""Ad-hoc tasks. covers: OFF-ADM-08 OFF-SEC-05 OFF-FIN-07 OFF-ORG-06 RES-ACQ-07 TEC-LOG-05 RDR-DSK-BAS-09"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.office.people.tasks.model import Task, TaskState, Urgency
from services.office.people.tasks.register import REGISTER
from services.office.people.tasks.rules import (
    AssigneesUnclear,
    check_assignees,
    due_for,
    everyone,
    is_overdue,
)
from shared.messaging.tables import outbox
from shared.testing.registers import keeps_its_promises
from tests.office.conftest import ADM, DESK, DIRECTOR, EQP, HEAD, LOG, TECH_HEAD
from tests.support.days import local_day
from tests.support.departments import client

TODAY = date(2026, 11, 23)


def form(**more) -> dict:
    soon = (local_day() + timedelta(days=5)).isoformat()
    return {"title": "布置展柜", "assignee": "S0020", "due_on": soon, "content": "一层大厅三组", **more}


def test_assignees_are_named_once_and_are_other_people() -> None:
    assert everyone("s0020", ["S0021", " s0020 ", ""]) == ["S0020", "S0021"]
    check_assignees(["S0020"], {"S0020"}, "S0001")
    for wrong in (["S0020", "S9999"], ["S0001"], []):
        with pytest.raises(AssigneesUnclear):
            check_assignees(wrong, {"S0020", "S0001"}, "S0001")


def test_a_same_day_task_is_due_today() -> None:
    assert due_for(Urgency.same_day, TODAY + timedelta(days=9), TODAY) == TODAY
    assert due_for(Urgency.normal, TODAY, TODAY) == TODAY


def test_a_task_is_late_until_it_is_reported() -> None:
    task = Task(no="LS1", title="x", assignee="S0020", due_on=TODAY, created_by="S0001", state=TaskState.accepted)
    assert not is_overdue(task, TODAY)
    assert is_overdue(task, TODAY + timedelta(days=1))
    task.state = TaskState.reported
    assert not is_overdue(task, TODAY + timedelta(days=1))


async def post(app, actor, url: str, **body) -> tuple[int, dict]:
    async with client(app, actor) as browser:
        answer = await browser.post(f"/api/office/tasks{url}", json=body)
        return answer.status_code, answer.json()


async def test_a_task_for_three_people_is_three_cases_under_one_number(app, staffed) -> None:
    status, made = await post(app, TECH_HEAD, "", **form(assignees=["S0020", "S0021", "S0030"], assignee="S0020"))
    assert (status, made["no"][-2:]) == (201, "-1")
    async with staffed.open() as work:
        tasks = (await work.session.scalars(select(Task).order_by(Task.no))).all()
        told = (await work.session.scalars(
            select(outbox.c.payload).where(outbox.c.subject == "guanwu.office.task.assigned.v1")
        )).all()
    assert [t.no.rsplit("-", 1)[1] for t in tasks] == ["1", "2", "3"]
    assert {t.assignee for t in tasks} == {"S0020", "S0021", "S0030"}
    assert {tuple(t["assignees"]) for t in told} == {("S0020",), ("S0021",), ("S0030",)}
    async with client(app, LOG) as log:
        assert [i["assignee"] for i in (await log.get("/api/office/tasks")).json()["items"]] == ["S0020"]
        assert (await log.get(f"/api/office/tasks/{tasks[1].no}")).status_code == 404
        assert (await log.get("/api/office/todo")).json() == {"office.tasks": 1}


async def test_only_the_giver_confirms_and_only_the_assignee_reports(app, staffed) -> None:
    _status, made = await post(app, TECH_HEAD, "", **form())
    url = f"/{made['no']}"
    assert (await post(app, EQP, f"{url}/accept"))[0] == 404, "somebody else's task is none of theirs"
    assert (await post(app, DIRECTOR, f"{url}/accept"))[0] == 403
    assert (await post(app, LOG, f"{url}/accept"))[1]["state"] == "accepted"
    assert (await post(app, LOG, f"{url}/report", report="展柜已布置", off_hours_minutes=90))[1]["state"] == "reported"
    for other in (LOG, DIRECTOR, HEAD):
        assert (await post(app, other, f"{url}/confirm"))[0] == 403
    assert (await post(app, TECH_HEAD, f"{url}/return", remark="说明牌有误"))[1]["state"] == "returned"
    assert (await post(app, LOG, f"{url}/report", report="已更正"))[1]["state"] == "reported"
    assert (await post(app, TECH_HEAD, f"{url}/confirm"))[1]["state"] == "confirmed"
    assert (await post(app, TECH_HEAD, f"{url}/close"))[1]["state"] == "closed"


async def test_only_a_report_is_evidence(app, staffed) -> None:
    _status, made = await post(app, HEAD, "", **form(assignee="S0010"))
    await post(app, ADM, f"/{made['no']}/accept")
    await post(app, ADM, f"/{made['no']}/report", report="已办")
    async with staffed.open() as work:
        moved = (await work.session.scalars(
            select(outbox.c.payload).where(outbox.c.subject == "guanwu.office.case.moved.v1").order_by(outbox.c.id)
        )).all()
    served = {m["action"]: m["serves"] for m in moved if m["register_"] == "tasks"}
    assert served["create"] == []
    assert served["accept"] == []
    assert "OFF-ADM-08" in served["report"]


async def test_a_declined_task_goes_to_somebody_else(app, staffed) -> None:
    _status, made = await post(app, TECH_HEAD, "", **form())
    assert (await post(app, LOG, f"/{made['no']}/decline"))[0] == 422, "a reason is asked"
    assert (await post(app, LOG, f"/{made['no']}/decline", decline_reason="当日外出培训"))[1]["state"] == "declined"
    assert (await post(app, TECH_HEAD, f"/{made['no']}/reassign", assignee="S9999"))[0] == 422
    again = await post(app, TECH_HEAD, f"/{made['no']}/reassign", assignee="s0021")
    assert (again[1]["state"], again[1]["assignee"]) == ("given", "S0021")
    assert (await post(app, EQP, f"/{made['no']}/accept"))[0] == 200


async def test_tasks_are_given_by_leaders_and_not_into_the_past(app, staffed) -> None:
    assert (await post(app, ADM, "", **form()))[0] == 403
    assert (await post(app, DESK, "", **form()))[0] == 403
    status, said = await post(app, DIRECTOR, "", **form(due_on="2020-01-01"))
    assert (status, list(said["errors"])) == (422, ["due_on"])
    assert (await post(app, DIRECTOR, "", **form(assignee="S0001")))[0] == 422


async def test_a_report_comes_with_files(app, staffed) -> None:
    _status, made = await post(app, TECH_HEAD, "", **form())
    await post(app, LOG, f"/{made['no']}/accept")
    async with client(app, LOG) as log:
        sent = await log.post(
            f"/office/tasks/{made['no']}/act/report", data={"report": "见附件"}, files={"files": ("照片.txt", b"ok", "text/plain")}
        )
        assert sent.status_code == 303
        assert "照片.txt" in (await log.get(f"/office/tasks/{made['no']}")).text


ASK = {
    "query": {"question": "要几组？"}, "decline": {"decline_reason": "外出"}, "answer": {"answer": "三组"},
    "report": {"report": "已办"}, "return": {"remark": "请补充"}, "cancel": {"remark": "不再需要"},
    "reassign": {"assignee": "S0021"},
}


async def test_the_register_of_tasks_keeps_its_promises(app, staffed) -> None:
    await keeps_its_promises(
        REGISTER, app, form, ask=ASK, acting=lambda action: LOG if "@assignee" in action.by else MAKER_AS_HEAD
    )


MAKER_AS_HEAD = type(TECH_HEAD)("T-maker", "Maker", posts=("head-tech",), dept="tech")
