"""Terminals on screen: who is connected now, their settings, and who we are before them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.selfcheck import commands, queries
from services.reader.desk.selfcheck.model import Charset, Detection, Right, Terminal, TerminalUse
from services.reader.desk.selfcheck.rules import ACCOUNT, BEAT_LOST, KEEPERS, KINDS, AccountTaken
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.work import Work

router = Router(prefix="/reader/terminals", tags=["selfcheck"], dependencies=[allow(*KEEPERS)])
CRUMB = N_("自助终端")
URL = "/reader/terminals"


def connected(use: TerminalUse | None, work: Work) -> int:
    """Connections that are open now, as far as the process that holds them still says so."""
    return use.connections if use and use.beat_at and work.now - use.beat_at < BEAT_LOST else 0


@router.get("")
async def terminals(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """All terminals, those in use first."""
    rows, total = await queries.listed(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "selfcheck/list.html", block="list", page_title=_(CRUMB), pager=paged(page_no, total),
        rows=[(one, use, connected(use, work)) for one, use in rows], rights=list(Right),
        house=_house_fields(await queries.house(work.session)),
    )


def _house_fields(house: Any) -> list[dict[str, Any]]:
    return [
        {"name": "institution", "label": _(N_("机构代码（AO）")), "value": house.institution if house else "",
         "maxlength": 40, "span": 12, "help": _(N_("终端里填的机构代码；填写后，报其他代码的终端会被拒绝"))},
        {"name": "name", "label": _(N_("馆名")), "value": house.name if house else "", "maxlength": 80, "span": 12,
         "help": _(N_("显示在终端屏幕上；留空用本馆名称"))},
        {"name": "magnetic", "label": _(N_("磁性载体")), "kind": "multi", "value": house.magnetic if house else [],
         "options": [(kind, _(label)) for kind, label in KINDS], "span": 12,
         "help": _(N_("勾选的类型不得靠近充消磁器，终端会被告知"))},
    ]


@router.post("/house")
async def save_house(request: Request, work: WorkDep) -> Response:
    """Who we are."""
    form = await request.form()
    kinds = {kind for kind, _label in KINDS}
    await commands.save_house(
        work, institution=str(form.get("institution", "")).strip()[:40], name=str(form.get("name", "")).strip()[:80],
        magnetic=sorted(kinds & set(map(str, form.getlist("magnetic")))),
    )
    return see_other(request, URL, toast=_(N_("已保存，终端随即生效")))


def _values(terminal: Terminal) -> dict[str, Any]:
    return {
        "name": terminal.name, "account": terminal.account, "location": terminal.location,
        "charset": terminal.charset.value, "detection": terminal.detection.value, "language": terminal.language,
        "crlf": terminal.crlf, "rights": terminal.rights, "accept_pin": terminal.accept_pin,
        "sorts": terminal.sorts, "active": terminal.active,
    }


def _read(form: FormData) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed, and what is wrong with it."""
    def one(name: str) -> str:
        return str(form.get(name, "")).strip()

    def among(name: str, allowed: list[str]) -> str:
        return one(name) if one(name) in allowed else allowed[0]

    chosen = set(map(str, form.getlist("rights")))
    values: dict[str, Any] = {
        "name": one("name")[:60], "account": one("account")[:40], "location": one("location")[:40],
        "charset": Charset(among("charset", [c.value for c in Charset])),
        "detection": Detection(among("detection", [d.value for d in Detection])),
        "language": among("language", ["zh", "en"]), "crlf": one("crlf") == "true",
        "rights": [right.value for right in Right if right.value in chosen],
        "accept_pin": one("accept_pin") == "true", "sorts": one("sorts") == "true", "active": one("active") == "true",
    }
    errors = {}
    if not values["name"]:
        errors["name"] = _(N_("必填"))
    if not re.match(ACCOUNT, values["account"]):
        errors["account"] = _(N_("2–40 个字母、数字或 . _ - @，以字母或数字开头"))
    return values, errors


def _fields(values: dict[str, Any], errors: dict[str, str]) -> list[dict[str, Any]]:
    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        value = values.get(name, "")
        return {
            "name": name, "label": label, "kind": kind, "value": getattr(value, "value", value),
            "error": errors.get(name, ""), **more,
        }

    return [
        field("name", _(N_("名称")), required=True, maxlength=60, placeholder=_(N_("如：一层大厅 1 号机"))),
        field("account", _(N_("登录名")), required=True, maxlength=40, help=_(N_("终端里填的用户名，审计中以此为操作者"))),
        field("location", _(N_("地点代码")), maxlength=40, help=_(N_("服务点或馆藏地代码"))),
        field("language", _(N_("提示语言")), "segmented", options=[("zh", _(N_("中文"))), ("en", _(N_("英文")))]),
        field("charset", _(N_("字符集")), "segmented", options=[(c.value, c.text) for c in Charset]),
        field("detection", _(N_("差错校验")), "segmented", options=[(d.value, d.text) for d in Detection]),
        field("rights", _(N_("开通的功能")), "multi", options=[(r.value, r.text) for r in Right], span=12),
        field("crlf", _(N_("行尾")), "switch", placeholder="CR LF", help=_(N_("不开则只发 CR"))),
        field("accept_pin", _(N_("读者密码")), "switch", placeholder=_(N_("一律视为正确")),
              help=_(N_("本馆读者没有密码，终端要求密码时才开；不开则答“密码不符”"))),
        field("sorts", _(N_("分拣")), "switch", placeholder=_(N_("不属此地点的书报警")), help=_(N_("带分拣的还书机才开"))),
        field("active", _(N_("可以使用")), "switch"),
    ]


def _form(request: Request, values: dict[str, Any], errors: dict[str, str], terminal: Terminal | None = None) -> Response:
    fields = _fields(values, errors)
    labels = {f["name"]: f["label"] for f in fields}
    title = terminal.name if terminal else _(N_("登记终端"))
    return page(
        request, "selfcheck/form.html", status=422 if errors else 200, page_title=title, fields=fields, terminal=terminal,
        crumbs=[(_(CRUMB), URL), (title, "")], action=f"{URL}/{terminal.id}" if terminal else f"{URL}/new",
        errors=[(name, labels.get(name, name), text) for name, text in errors.items()],
    )


@router.get("/new")
async def new(request: Request) -> Response:
    """A form with the usual switches on."""
    usual = [Right.lend.value, Right.take_back.value, Right.renew.value, Right.patrons.value]
    return _form(request, {
        "charset": Charset.utf8, "detection": Detection.auto, "language": "zh", "rights": usual, "active": True,
    }, {})


def _once(request: Request, terminal: Terminal, password: str) -> Response:
    return page(
        request, "selfcheck/password.html", page_title=_(N_("终端密码")), terminal=terminal, password=password,
        crumbs=[(_(CRUMB), URL), (terminal.name, f"{URL}/{terminal.id}"), (_(N_("密码")), "")],
    )


@router.post("/new")
async def enlist(request: Request, work: WorkDep) -> Response:
    """Register; the password is shown in the answer and nowhere else."""
    values, errors = _read(await request.form())
    if not errors:
        try:
            terminal, password = await commands.enlist(work, **values)
        except AccountTaken as taken:
            errors = {"account": str(taken)}
        else:
            return _once(request, terminal, password)
    return _form(request, values, errors)


@router.get("/{terminal_id}")
async def terminal(request: Request, work: WorkDep, terminal_id: UUID) -> Response:
    """One terminal."""
    found = await work.get(Terminal, terminal_id)
    return _form(request, _values(found), {}, found)


@router.post("/{terminal_id}")
async def change(request: Request, work: WorkDep, terminal_id: UUID) -> Response:
    """Other settings."""
    found = await work.get(Terminal, terminal_id)
    values, errors = _read(await request.form())
    if not errors:
        try:
            await commands.change(work, terminal_id=terminal_id, **values)
        except AccountTaken as taken:
            errors = {"account": str(taken)}
        else:
            return see_other(request, URL, toast=_(N_("已保存，终端随即生效")))
    return _form(request, values, errors, found)


@router.post("/{terminal_id}/password")
async def new_password(request: Request, work: WorkDep, terminal_id: UUID) -> Response:
    """A new password; the machine is sent away until it knows it."""
    found, password = await commands.new_password(work, terminal_id=terminal_id)
    return _once(request, found, password)
