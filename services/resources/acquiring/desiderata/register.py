"""The list of titles that should come."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.desiderata import commands, queries, rules
from services.resources.acquiring.desiderata.model import Desideratum, Origin, TitleState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Money, Register
from shared.work import Work


class Wish(BaseModel):
    """What should come, as far as one knows it."""

    title: str = F(N_("题名"), min_length=1, max_length=300, span=12)
    author: str = F(N_("著者"), "", max_length=200)
    publisher: str = F(N_("出版社"), "", max_length=120)
    year: str = F(N_("出版年"), "", max_length=10)
    isbn: str = F(N_("ISBN"), "", max_length=30, help=N_("10 位或 13 位，带不带连字符都可以"))
    price_cents: Money = F(N_("单价"), 0, ge=0, le=100_000_000)
    copies: int = F(N_("册数"), 1, ge=1, le=200)
    note: str = F(N_("说明"), "", max_length=500, rows=3, span=12)


class Cancelling(BaseModel):
    """Why it will not come."""

    cancel_reason: str = F(N_("不购理由"), min_length=2, max_length=300, rows=2, span=12)


async def prepare(work: Work, wish: Desideratum, _form: Any) -> None:
    """A librarian's own wish; a title on its way is not wanted twice."""
    wish.isbn, wish.origin, wish.moved_at = rules.clean_isbn(wish.isbn), Origin.librarian, work.now
    if other := await queries.on_its_way(work.session, wish.isbn):
        raise rules.AlreadyWanted(title=other.title, number=other.no, state=TitleState(other.state).text)
    work.emit(rules.progressed(wish), correlation=wish.correlation)


async def tidy(_work: Work, wish: Desideratum, _form: Any) -> None:
    """A number corrected by hand is kept in the same form."""
    wish.isbn = rules.clean_isbn(wish.isbn)


async def cancel(work: Work, wish: Desideratum, _form: Any) -> None:
    """It will not be bought; whoever asked hears why."""
    await _told(work, wish, TitleState.cancelled)


async def want(work: Work, wish: Desideratum, _form: Any) -> None:
    """It should come after all."""
    wish.cancel_reason = ""
    await _told(work, wish, TitleState.wanted)


async def _told(work: Work, wish: Desideratum, state: TitleState) -> None:
    wish.state, wish.moved_at = state, work.now
    work.emit(rules.progressed(wish), correlation=wish.correlation)


def _origin(wish: Desideratum) -> str:
    """The page of the case that asked."""
    if wish.origin_no.startswith("AX"):  # a title of an on-demand pool
        return f"/resources/on-demand/offers/{wish.origin_no}"
    page = {Origin.suggestion: "suggestions", Origin.selection: "selections", Origin.on_site: "on-site"}.get(wish.origin)
    return f"/resources/{page}/{wish.origin_no}" if page and wish.origin_no else ""


wishes = Register(
    "desiderata", Desideratum, dept="resources", title=N_("待购书目"), icon="bookmark", area=N_("采访"),
    help=N_("荐购、选书单、现场采购和补缺要买的书都在这里排队，直到上架"),
    serves=("RES-ACQ-01", "RES-ACQ-02"), number=commands.NUMBER, life=rules.BY_HAND, state=TitleState, form=Wish,
    read=rules.READERS, create=rules.BUYERS, edit=rules.BUYERS, on_create=prepare, on_edit=tidy, tells=False,
    search=["no", "title", "author", "isbn", "order_no"], title_of=lambda wish: f"《{wish.title}》",
    filters={"origin": N_("来源"), "created_at": Filter(N_("提出日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("题名")), Col("author", N_("著者")),
        Col("publisher", N_("出版社")), Col("year", N_("出版年")), Col("isbn", N_("ISBN")),
        Col("copies", N_("册数"), "num"), Col("price_cents", N_("单价")), Col("origin", N_("来源")), Col("state"),
        Col("moved_at", N_("最近变动")),
        Col("origin_no", N_("来源单号"), "link", link=_origin, detail_only=True),
        Col("order_no", N_("订单"), "link", link=lambda wish: f"/resources/orders/{wish.order_no}" if wish.order_no else "",
            detail_only=True),
        Col("created_by", N_("提出人"), "person", detail_only=True), Col("created_at", N_("提出时间"), detail_only=True),
        Col("note", N_("说明"), detail_only=True), Col("cancel_reason", N_("不购理由"), detail_only=True),
    ],
    actions=[
        Action("cancel", N_("不再购"), by=rules.BUYERS, icon="x", tone="danger", ask=Cancelling, do=cancel,
               note="cancel_reason"),
        Action("want", N_("重新列入"), by=rules.BUYERS, icon="arrow-back-up", do=want),
    ],
)
