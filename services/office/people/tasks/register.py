"""Ad-hoc tasks, for everybody in the house."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, ValidationInfo, field_validator, model_validator

from services.office.people.tasks.commands import (
    assign,
    check_people,
    note_confirmation,
    note_report,
    reassign,
)
from services.office.people.tasks.model import Task, TaskState, Urgency
from services.office.people.tasks.queries import visible
from services.office.people.tasks.rules import (
    DUTIES_SERVED,
    GIVERS,
    LIFE,
    everyone,
    number_of,
    time_left,
)
from shared.i18n import N_
from shared.settings import LOCAL
from shared.states import Choice
from shared.web.pages import Entry
from shared.web.register import Action, Col, F, Files, Filter, Register
from shared.web.register.people import suggest
from shared.work import Work


class TaskForm(BaseModel):
    title: str = F(N_("任务"), min_length=2, max_length=80, span=12)
    assignee: str = F(N_("承办人"), source=suggest, help=N_("输入工号或姓名"))
    due_on: date = F(N_("完成期限"))
    others: list[str] = F(N_("其他承办人"), [], help=N_("每行一个工号；各人一单，分别接受、汇报"), rows=2)
    urgency: Urgency = F(N_("紧急程度"), Urgency.normal)
    content: str = F(N_("具体要求"), "", max_length=2000, rows=4)
    source: str = F(N_("任务来源"), "", max_length=80, placeholder=N_("馆务会、学校通知、来电…"))
    files: Files = F(N_("附件"), [])

    @model_validator(mode="before")
    @classmethod
    def several_at_once(cls, data: Any) -> Any:
        """Programs may name all assignees in one list."""
        if isinstance(data, dict) and isinstance(data.get("assignees"), list) and data["assignees"]:
            first, *rest = data["assignees"]
            return {**{k: v for k, v in data.items() if k != "assignees"}, "assignee": first, "others": rest}
        return data

    @field_validator("due_on")
    @classmethod
    def not_past(cls, value: date, info: ValidationInfo) -> date:
        if info.context and value < info.context["today"]:
            raise ValueError(N_("完成期限不能早于今天"))
        return value


class TaskEditForm(BaseModel):
    title: str = F(N_("任务"), min_length=2, max_length=80, span=12)
    due_on: date = F(N_("完成期限"))
    urgency: Urgency = F(N_("紧急程度"), Urgency.normal)
    content: str = F(N_("具体要求"), "", max_length=2000, rows=4)
    source: str = F(N_("任务来源"), "", max_length=80)


class QuestionForm(BaseModel):
    question: str = F(N_("疑问"), min_length=2, max_length=500, rows=3)


class AnswerForm(BaseModel):
    answer: str = F(N_("答复"), min_length=2, max_length=500, rows=3)


class DeclineForm(BaseModel):
    decline_reason: str = F(N_("婉拒原因"), min_length=2, max_length=500, rows=3)


class ReportForm(BaseModel):
    report: str = F(N_("办理情况"), min_length=2, max_length=4000, rows=5)
    off_hours_minutes: int = F(N_("休息日或夜间用时"), 0, ge=0, le=2880, unit=N_("分"))
    files: Files = F(N_("成果附件"), [])


class RemarkForm(BaseModel):
    remark: str = F(N_("意见"), min_length=2, max_length=500, rows=3)


class ReassignForm(BaseModel):
    assignee: str = F(N_("改派给"), source=suggest)


async def _give(work: Work, task: Task, form: TaskForm) -> None:
    """One case for each assignee; the first is the one being opened."""
    wanted = everyone(form.assignee, form.others)
    if not task.group_no:
        await check_people(work, wanted)
        task.group_no = task.no
        task.no = number_of(task.group_no, 1, len(wanted))
        data = form.model_dump(exclude={"others", "assignee", "files"})
        for place, person in enumerate(wanted[1:], start=2):
            number = number_of(task.group_no, place, len(wanted))
            await REGISTER.open(
                work, **data, assignee=person, files=form.files, no=number, group_no=task.group_no
            )
    task.assignee = wanted[0]
    await assign(work, task)


async def _reassign(work: Work, task: Task, _form: Any) -> Choice:
    return await reassign(work, task)


async def _reported(work: Work, task: Task, _form: Any) -> None:
    await note_report(work, task)


async def _confirmed(work: Work, task: Task, _form: Any) -> None:
    await note_confirmation(work, task)


def _next(task: Task) -> tuple[str, ...]:
    """Who must act: the assignee, or the giver when something was asked or reported."""
    giver = {TaskState.queried, TaskState.reported, TaskState.declined, TaskState.confirmed}
    return (task.created_by,) if task.state in giver else (task.assignee,)


async def _mine(work: Work) -> list[tuple[str, str]]:
    return [(work.actor.id, N_("我承办的"))]


async def _given(work: Work) -> list[tuple[str, str]]:
    return [(work.actor.id, N_("我交办的"))]


def _left(task: Task) -> str:
    return time_left(task, datetime.now(UTC).astimezone(LOCAL).date())


WHO, GIVER = ("@assignee",), ("@created_by",)

REGISTER = Register(
    "tasks", Task, dept="office", title=N_("临时任务"), icon="checklist",
    help=N_("馆领导与部主任派发，承办人接受、汇报，交办人确认后结"),
    form=TaskForm, edit_form=TaskEditForm, number="LS", life=LIFE, state=TaskState, create=GIVERS, edit=GIVER,
    edit_in=(TaskState.given, TaskState.queried), scope=visible, holders=_next,
    due=lambda task: task.due_on, title_of=lambda task: task.title, on_create=_give, attach=True,
    columns=[
        Col("no"), Col("title"), Col("assignee", N_("承办人"), "person"), Col("created_by", N_("交办人"), "person"),
        Col("urgency"), Col("due_on"), Col("left", N_("剩余时间"), value=_left), Col("state"),
        Col("content", detail_only=True), Col("source", detail_only=True), Col("group_no", N_("任务组号"), detail_only=True),
        Col("question", N_("疑问"), detail_only=True), Col("answer", N_("答复"), detail_only=True),
        Col("decline_reason", N_("婉拒原因"), detail_only=True), Col("report", N_("办理情况"), detail_only=True),
        Col("off_hours_minutes", N_("休息日或夜间用时"), "num", unit=N_("分"), detail_only=True),
        Col("remark", N_("意见"), detail_only=True), Col("reported_at", N_("汇报时间"), "moment", detail_only=True),
        Col("confirmed_at", N_("确认时间"), "moment", detail_only=True),
    ],
    search=("no", "title", "content", "assignee", "source"),
    filters={
        "assignee": Filter(N_("承办人"), _mine), "created_by": Filter(N_("交办人"), _given),
        "urgency": N_("紧急程度"),
    },
    actions=[
        Action("accept", N_("接受"), WHO, icon="check", tone="success", serves=()),
        Action("start", N_("开始办理"), WHO, icon="player-play", tone="info", serves=()),
        Action("report", N_("汇报"), WHO, icon="send", tone="primary", ask=ReportForm, do=_reported, batch=False, note="report",
               serves=DUTIES_SERVED),
        Action("query", N_("提出疑问"), WHO, icon="help", ask=QuestionForm, serves=(), batch=False, note="question", row=False),
        Action("decline", N_("婉拒"), WHO, icon="x", tone="danger", ask=DeclineForm, serves=(), batch=False, note="decline_reason", row=False),
        Action("answer", N_("答复"), GIVER, icon="message", tone="info", ask=AnswerForm, serves=(), batch=False, note="answer"),
        Action("confirm", N_("确认完成"), GIVER, icon="circle-check", tone="success", do=_confirmed, separate=("assignee",), serves=()),
        Action("return", N_("退回重办"), GIVER, icon="arrow-back-up", tone="warning", ask=RemarkForm, serves=(), batch=False, note="remark"),
        Action("reassign", N_("改派"), GIVER, icon="switch-horizontal", tone="info", ask=ReassignForm, do=_reassign, serves=(), batch=False),
        Action("close", N_("结单"), GIVER, icon="archive", serves=()),
        Action("cancel", N_("取消"), GIVER, icon="ban", tone="danger", ask=RemarkForm, serves=(), batch=False, note="remark", row=False),
    ],
)

# The screen serves every post's duty, but only a report is evidence of one: opening a task is not.
ENTRY = Entry(
    REGISTER.title, REGISTER.path, REGISTER.icon, REGISTER.read, REGISTER.topic, DUTIES_SERVED, REGISTER.help
)
