"""Harvesting on screen: who we are to harvesters, and who came."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.address import public_address
from services.resources.cataloguing.oai import commands, queries, rules
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import Entry, PageNo, page, see_other
from shared.work import Work

URL = "/resources/oai"
router = Router(prefix=URL, tags=["oai"])
SIZE = 20
ENTRY = Entry(
    N_("开放收割"), URL, icon="cloud-share", who=rules.READERS, serves=("RES-ACQ-05", "RES-MGT-01"),
    help=N_("OAI-PMH：别的系统来取本馆书目，含修改与删除；谁来过、取了多少"),
)


@router.get("", dependencies=[allow(*rules.READERS)])
async def shown(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    return await _page(request, work, page_no=page_no)


async def _page(
    request: Request, work: Work, *, page_no: int = 1, typed: dict[str, Any] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    kit = request.app.state.kit
    us = await queries.house(work.session, kit.settings)
    rows, total = await queries.harvests(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    base = public_address(request, "/oai")
    tries = [
        (_(N_("自我介绍")), f"{base}?verb=Identify"), (_(N_("集合")), f"{base}?verb=ListSets"),
        (_(N_("全部记录")), f"{base}?verb=ListRecords&metadataPrefix=oai_dc"),
    ]
    return page(
        request, "oai/home.html", status=422 if wrong else 200, page_title=_(ENTRY.label),
        crumbs=[(_(N_("书目交换")), ""), (_(ENTRY.label), URL)], us=us, base=base, tries=tries, rows=rows, total=total,
        page=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, stock=await queries.stock(work.session),
        may=work.actor.holds(rules.KEEPERS), fields=_fields(typed or _kept(us), wrong or {}), wrong=wrong or {},
    )


def _kept(us: queries.House) -> dict[str, Any]:
    return {"name": us.name, "mail": us.mail, "domain": us.domain, "page_size": us.page_size, "open": us.open}


def _fields(values: dict[str, Any], wrong: dict[str, str]) -> list[dict[str, Any]]:
    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        return {"name": name, "label": label, "kind": kind, "value": values.get(name, ""), "span": 12,
                "error": _(wrong.get(name, "")), **more}

    return [
        field("open", _(N_("开放收割")), "switch", placeholder=_(N_("允许收割")), help=_(N_("关闭时答复“暂不可用，一小时后再来”"))),
        field("name", _(N_("仓储名称")), required=True, maxlength=120),
        field("mail", _(N_("管理员邮箱")), required=True, maxlength=120),
        field("domain", _(N_("标识域名")), required=True, maxlength=120,
              help=_(N_("写入每条记录的标识（oai:域名:记录号）；有人收割之后再改，对方会把全部记录当成新的"))),
        field("page_size", _(N_("每次条数")), "number", required=True, min=rules.SMALLEST_PAGE, max=rules.LARGEST_PAGE),
    ]


@router.post("", dependencies=[allow(*rules.KEEPERS)])
async def save(
    request: Request, work: WorkDep, name: Annotated[str, Form()] = "", mail: Annotated[str, Form()] = "",
    domain: Annotated[str, Form()] = "", page_size: Annotated[str, Form()] = "", open: Annotated[str, Form()] = "",
) -> Response:
    typed = {"name": name.strip(), "mail": mail.strip(), "domain": domain.strip(), "page_size": page_size.strip()}
    try:
        await commands.save_settings(work, open=open == "true", **typed)
    except Invalid as refusal:
        return await _page(request, work, typed={**typed, "open": open == "true"}, wrong=refusal.errors)
    return see_other(request, URL, toast=_(N_("已保存，收割方随即看到")))
