"""Finding patrons, registering them, and moving their cards."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.patrons import commands, queries
from services.reader.desk.patrons.form import NewPatron
from services.reader.desk.patrons.model import Category, Source
from services.reader.desk.patrons.rules import CardTaken, standing
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.errors import by_field
from shared.web.pages import page, see_other

router = Router(prefix="/reader/patrons", tags=["patrons"], dependencies=[allow(*DESK)])
CRUMB = N_("读者与证件")



@router.get("")
async def patrons(request: Request, work: WorkDep, q: str = "") -> Response:
    """Patrons by card, name or initials; nothing is listed unasked."""
    found = await queries.find(work.session, q[:60], limit=50)
    return page(
        request, "patrons/list.html", block="list", page_title=_(CRUMB), q=q, found=found,
        counts=await queries.counts_by_category(work.session), today=work.today, standing=standing,
        categories=list(Category),
    )


def _fields(values: dict[str, Any], errors: dict[str, str]) -> list[dict[str, Any]]:
    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        return {
            "name": name, "label": label, "kind": kind, "value": values.get(name, ""),
            "error": errors.get(name, ""), **more,
        }

    return [
        field("card", _(N_("证号")), required=True, maxlength=40, help=_(N_("刷卡或输入学号、工号"))),
        field("name", _(N_("姓名")), required=True, maxlength=80),
        field("category", _(N_("读者类型")), "select", required=True, options=[(c.value, c.text) for c in Category if c is not Category.union],
              help=_(N_("联合证在“联合共享体”办理，要收押金"))),
        field("college", _(N_("学院或单位")), maxlength=80),
        field("class_name", _(N_("专业班级")), maxlength=80),
        field("valid_to", _(N_("有效期至")), "date"),
        field("chip", _(N_("物理卡号")), maxlength=40, help=_(N_("读卡器读出的芯片号，可不填"))),
        field("source", _(N_("发证单位")), "select", options=[(c.value, c.text) for c in Source]),
        field("email", _(N_("电子邮箱")), "email", maxlength=120, help=_(N_("到期、预约到书等通知发到这里"))),
        field("phone", _(N_("电话")), "tel", maxlength=30, help=_(N_("仅服务台与读者本人可见"))),
    ]


def _form(request: Request, values: dict[str, Any], errors: dict[str, str], status: int = 200) -> Response:
    fields = _fields(values, errors)
    labels = {f["name"]: f["label"] for f in fields}
    return page(
        request, "patrons/new.html", status=status, page_title=_(N_("办理读者证")), fields=fields,
        crumbs=[(_(CRUMB), "/reader/patrons"), (_(N_("办理读者证")), "")],
        errors=[(name, labels.get(name, name), text) for name, text in errors.items()],
    )


@router.get("/new")
async def new(request: Request) -> Response:
    """The form of a new card."""
    return _form(request, {"category": "undergraduate"}, {})


@router.post("/new")
async def register(request: Request, work: WorkDep) -> Response:
    """Register, or the same form with what is wrong."""
    typed = {k: v for k, v in (await request.form()).items() if isinstance(v, str) and v.strip()}
    try:
        body = NewPatron.model_validate(typed)
        patron = await commands.register(work, **{**body.model_dump(), "card": body.card.upper(), "chip": (body.chip or "").upper() or None})
    except ValidationError as error:
        return _form(request, typed, by_field(list(error.errors())), 422)
    except CardTaken as taken:
        return _form(request, typed, {"card": str(taken)}, 422)
    return see_other(
        request, f"/reader/patrons/{patron.card}", toast=_(N_("已办证：{card}"), card=patron.card)
    )


@router.post("/{card}/state")
async def change(
    request: Request, work: WorkDep, card: str, action: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "", until: Annotated[str, Form()] = "",
) -> Response:
    """挂失, 停借, 恢复, 注销."""
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise Invalid({"until": N_("日期写作 2026-03-01")}) from error
    patron = await commands.change_card(work, card=card.upper(), action=action, reason=reason[:200], until=day)
    said = _(N_("读者证已改为“{state}”"), state=patron.state.text)
    return see_other(request, f"/reader/patrons/{patron.card}", toast=said)


@router.post("/{card}/extend")
async def extend(
    request: Request, work: WorkDep, card: str, valid_to: Annotated[date, Form()]
) -> Response:
    """A new last day."""
    patron = await commands.extend(work, card=card.upper(), valid_to=valid_to)
    return see_other(request, f"/reader/patrons/{patron.card}", toast=_(N_("有效期已更新")))
