"""The registers of lost items and of compensation copies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import named_places
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.collections.losses import commands, rules, writing_off
from services.resources.collections.losses.model import CopyState, LostItem, LostState, Replacement
from services.resources.collections.losses.queries import around, places, records_named
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register
from shared.work import Work


class Decision(BaseModel):
    """Why so."""

    decision: str = F(N_("理由"), min_length=2, max_length=300, rows=3, span=12)


class Comparison(BaseModel):
    """What the copy is and where it will stand."""

    record: str = F(N_("书目记录"), min_length=2, max_length=40, source=records_named, help=N_("同版填原记录号，新版填新版的记录号"))
    location: str = F(N_("馆藏地"), min_length=1, max_length=40, source=places)
    price_cents: Money = F(N_("价格"), ge=0, le=100_000_000)
    new_barcode: str = F(N_("另贴条码"), "", max_length=30, help=N_("只在借还台所贴条码与别的单册冲突时填写"))


class Accession(BaseModel):
    """The entry in the register of possessions."""

    accession_no: str = F(N_("财产号"), min_length=2, max_length=40)


class Back(BaseModel):
    """What is to be compared again."""

    note: str = F(N_("退回原因"), min_length=2, max_length=300, rows=3, span=12)


async def _propose(work: Work, loss: LostItem, _form: Any) -> None:
    await writing_off.propose(work, loss)


async def _keep(work: Work, loss: LostItem, form: Any) -> None:
    await writing_off.strike_off(work, loss)
    await commands.keep(work, loss, form)


async def _let_go(work: Work, loss: LostItem, _form: Any) -> None:
    await writing_off.propose_extra(work, loss)


losses = Register(
    "losses", LostItem, dept="resources", title=N_("遗失册"), icon="book-off", area=N_("馆藏建设"),
    serves=("RES-MGT-04",), life=rules.LIFE, state=LostState, sort="-created_at",
    help=N_("借还台报来的遗失：找回、赔书、满一年转剔旧；原书又找回时由本部定夺"),
    read=("RES", "RDR", "head", "director", "deputy", "auditor", "OFF-FIN"),
    title_of=lambda loss: f"《{loss.title}》", item_of=lambda loss: loss.barcode, due=lambda loss: loss.write_off_on,
    holders=lambda loss: rules.KEEPERS if loss.state == LostState.found_again or _stray(loss) else (),
    columns=[
        Col("no", N_("遗失单"), "ref"), Col("title", N_("题名")),
        Col("barcode", N_("条码"), "link", link=lambda loss: f"/resources/items/{loss.barcode}"),
        Col("price_cents", N_("价格")), Col("last_copy", N_("末册")), Col("lost_on", N_("报失日期"), "date"),
        Col("write_off_on", N_("转剔旧日期"), "date"), Col("state"),
        Col("call_number", N_("索书号"), detail_only=True), Col("location_name", N_("馆藏地"), detail_only=True),
        Col("new_barcode", N_("赔书条码"), "link", link=lambda loss: f"/resources/items/{loss.new_barcode}", detail_only=True),
        Col("weeding", N_("剔旧清册"), "link", link=lambda loss: f"/resources/weeding/{loss.weeding}", detail_only=True),
        Col("original_at", N_("原书找回时间"), "moment", detail_only=True), Col("damaged", N_("原书有破损"), detail_only=True),
        Col("decision", N_("理由"), detail_only=True), Col("decided_by", N_("决定人"), "person", detail_only=True),
        Col("note", N_("备注"), detail_only=True),
    ],
    search=["no", "title", "barcode", "new_barcode"],
    filters={"last_copy": N_("末册"), "lost_on": Filter(N_("报失日期"), kind="dates")},
    actions=[
        Action("keep", N_("留作复本"), by=rules.KEEPERS, icon="books", tone="success", ask=Decision, do=_keep, note="decision"),
        Action("let_go", N_("不再入藏，转剔旧"), by=rules.KEEPERS, icon="recycle", tone="danger", ask=Decision, do=_let_go,
               note="decision"),
        Action("propose", N_("列入剔旧清册"), by=rules.KEEPERS, icon="book-off", tone="warning", ask=Decision, do=_propose,
               when=lambda loss: loss.item_id is not None, note="decision"),
        Action("dismiss", N_("核实不在藏"), by=rules.KEEPERS, icon="circle-x", ask=Decision,
               when=lambda loss: loss.item_id is None, note="decision"),
        # Taken by what the desk and the weeding register tell.
        Action("recover", N_("找回"), icon="check", serves=()), Action("replace", N_("赔书替换"), icon="replace", serves=()),
        Action("wait", N_("决定保留，继续追索"), icon="clock", serves=()),
        Action("write_off", N_("注销"), icon="book-off", serves=()),
        Action("turn_up", N_("原书又找回"), icon="alert-triangle", serves=()),
    ],
    panels=[Panel(N_("相关单据"), "resources/loss_around.html", around)],
)


def _stray(loss: LostItem) -> bool:
    """A loss of something we do not have: somebody looks."""
    return loss.item_id is None and loss.state == LostState.lost


async def _check(work: Work, copy: Replacement, form: Any) -> None:
    await commands.check(work, copy, form)


async def _register(work: Work, copy: Replacement, form: Any) -> None:
    await commands.register(work, copy, form)


copies = Register(
    "replacements", Replacement, dept="resources", title=N_("赔书入藏"), icon="book-upload", area=N_("编目典藏"),
    serves=("RES-MGT-01",), number=rules.COPIES, life=rules.COPY_LIFE, state=CopyState,
    help=N_("读者赔来的书：核对书目、登录财产，两人办理，之后才可借"), read=("RES", "RDR", "head", "director", "deputy", "auditor"),
    title_of=lambda copy: f"《{copy.title}》", item_of=lambda copy: copy.barcode,
    columns=[
        Col("no", N_("单号"), "ref"), Col("title", N_("题名")),
        Col("barcode", N_("新条码"), "link", link=lambda copy: f"/resources/items/{copy.barcode}"),
        Col("lost_barcode", N_("原条码"), "link", link=lambda copy: f"/resources/items/{copy.lost_barcode}"),
        Col("loss", N_("遗失单"), "link", link=lambda copy: f"/resources/losses/{copy.loss}"),
        Col("year", N_("出版年"), "text"), Col("edition", N_("版次")), Col("state"), Col("created_at", N_("收到时间")),
        Col("isbn", "ISBN", detail_only=True), Col("record", N_("书目记录"), detail_only=True),
        Col("location", N_("馆藏地"), names=named_places, detail_only=True), Col("price_cents", N_("价格"), detail_only=True),
        Col("accession_no", N_("财产号"), detail_only=True), Col("checked_by", N_("核对人"), "person", detail_only=True),
        Col("registered_by", N_("登录人"), "person", detail_only=True), Col("note", N_("备注"), detail_only=True),
    ],
    search=["no", "title", "barcode", "loss"],
    actions=[
        Action("check", N_("核对书目"), by=CATALOGUERS, icon="books", tone="info", ask=Comparison, do=_check, batch=False,
               note="record"),
        Action("register", N_("登录财产，入藏"), by=CATALOGUERS, icon="circle-check", tone="success", ask=Accession, do=_register,
               separate=("checked_by",), batch=False, note="accession_no"),
        Action("recheck", N_("退回重核"), by=CATALOGUERS, icon="arrow-back-up", ask=Back, batch=False, row=False, serves=(),
               note="note"),
    ],
)
REGISTERS = (losses, copies)
