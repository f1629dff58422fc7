"""Batches as a list of cases."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import plenty
from services.resources.collections.batches import commands, queries, rules
from services.resources.collections.batches.model import Batch, BatchState, Ground
from services.resources.collections.weeding.model import Way
from shared.i18n import N_, _
from shared.web.register import Action, Col, F, Files, Money, Panel, Register
from shared.web.register.moves import tell as tell_case
from shared.work import Work


class Plan(BaseModel):
    """By which rule, and where."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12, placeholder=N_("如：2026 年二层社科库剔旧"))
    grounds: list[Ground] = F(N_("规则"), min_length=1, span=12, help=N_("一册符合几条时按排在前面的一条列出理由"))
    places: list[str] = F(N_("馆藏地"), [], rows=2, help=N_("馆藏地代码，一行一个；空为全馆"))
    call_from: str = F(N_("索书号起"), "", max_length=60)
    call_to: str = F(N_("索书号止"), "", max_length=60, help=N_("含以它开头的全部"))
    years: int = F(N_("无借阅年数"), rules.YEARS, ge=1, le=50)
    copies_kept: int = F(N_("每种至少留"), rules.COPIES_KEPT, ge=1, le=50, unit=N_("册"), help=N_("“复本过多”超过此数才列出，先列利用少的"))
    include_last: bool = F(N_("含末册"), False, help=N_("末册列入后须馆长复批"))
    pull_by: date | None = F(N_("取书期限"), None)
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Meeting(BaseModel):
    """The meeting that agreed."""

    meeting_no: str = F(N_("会议纪要号"), min_length=2, max_length=40, placeholder=N_("如：馆务会〔2026〕12 号"))


class Returning(BaseModel):
    """What the experts should look at again."""

    back_reason: str = F(N_("退回理由"), min_length=2, max_length=300, rows=2, span=12)


class Second(BaseModel):
    """Why these titles may vanish, or not."""

    second_reason: str = F(N_("复批理由"), min_length=2, max_length=500, rows=3, span=12)


class Asset(BaseModel):
    """The paper of the asset office."""

    asset_no: str = F(N_("资产核销文号"), min_length=2, max_length=60)
    papers: Files = F(N_("批文扫描件"), default_factory=list)


class Disposal(BaseModel):
    """What became of the paper."""

    way: Way = F(N_("处置方式"))
    receiver: str = F(N_("接收单位"), "", max_length=120)
    proof: str = F(N_("处置凭证"), min_length=2, max_length=200, help=N_("接收单、过磅单或捐赠回执的编号"))
    proceeds_cents: Money = F(N_("变价收入（元）"), 0, ge=0)
    receipt: Files = F(N_("凭证扫描件"), default_factory=list)


class Cancelling(BaseModel):
    """Why it is given up."""

    cancel_reason: str = F(N_("作废理由"), min_length=2, max_length=300, rows=2, span=12)


S = BatchState
_WHO = {
    S.viewing: rules.EXPERTS, S.meeting: rules.LEADERS, S.second: rules.DIRECTOR, S.asset: rules.EXPERTS, S.pulling: (), S.writing: (),
}
batches = Register(
    "weeding-lists", Batch, dept="resources", title=N_("剔旧批次"), icon="list-search", area=N_("馆藏建设"),
    help=N_("按规则生成清单、下发取书、专家审查、馆务会、资产核销、处置；每一步由不同的人办理"),
    serves=("RES-MGT-04",), number=rules.NUMBERS, life=rules.LIFE, state=BatchState, form=Plan, create=rules.KEEPERS, edit=rules.KEEPERS,
    on_create=commands.plan, on_edit=commands.plan, attach=True, search=["no", "title", "place_names"], title_of=lambda one: one.title,
    holders=lambda one: _WHO.get(BatchState(one.state), rules.KEEPERS), due=lambda one: one.pull_by if one.state == S.pulling else None,
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("名称")), Col("place_names", N_("馆藏地"), "text", sort=False),
        Col("grounds", N_("规则"), "text", value=lambda one: _(N_("、")).join(Ground(g).text for g in one.grounds), sort=False),
        Col("created_by", N_("提名人"), "person"), Col("state"), Col("created_at", N_("登记时间")),
        Col("years", N_("无借阅年数"), detail_only=True), Col("copies_kept", N_("每种至少留"), detail_only=True),
        Col("include_last", N_("含末册"), detail_only=True), Col("call_from", N_("索书号起"), detail_only=True),
        Col("call_to", N_("索书号止"), detail_only=True), Col("pull_by", N_("取书期限"), "date", detail_only=True),
        Col("note", N_("说明"), detail_only=True), Col("sent_at", N_("下发时间"), detail_only=True),
        Col("pulled_at", N_("取书完毕"), detail_only=True), Col("meeting_no", N_("会议纪要号"), detail_only=True),
        Col("approved_by", N_("批准人"), "person", detail_only=True), Col("second_by", N_("复批人"), "person", detail_only=True),
        Col("second_reason", N_("复批理由"), detail_only=True), Col("asset_no", N_("资产核销文号"), detail_only=True),
        Col("written_by", N_("注销经办人"), "person", detail_only=True),
        Col("back_reason", N_("退回理由"), detail_only=True),
        Col("way", N_("处置方式"), value=lambda one: Way(one.way).text if one.way else "", detail_only=True),
        Col("receiver", N_("接收单位"), detail_only=True), Col("proof", N_("处置凭证"), detail_only=True),
        Col("proceeds_cents", N_("变价收入"), "money", detail_only=True), Col("cancel_reason", N_("作废理由"), detail_only=True),
    ],
    actions=[
        Action("build", N_("按规则生成"), by=rules.KEEPERS, icon="wand", tone="info", do=commands.build, batch=False, serves=(), long=plenty),
        Action("send", N_("下发取书"), by=rules.KEEPERS, icon="send", tone="success", do=commands.send, batch=False, row=False, long=plenty,
               confirm=N_("清单随即固定，读者服务部收到取书任务，确定吗？")),
        Action("end_pull", N_("结束取书"), by=rules.KEEPERS, icon="player-stop", tone="warning", do=commands.end_pull, batch=False, row=False,
               serves=(), confirm=N_("没有回报的册留在架上、退出本批，确定吗？")),
        Action("viewed", N_("审查完毕，报馆务会"), by=rules.EXPERTS, icon="eye-check", tone="info", do=commands.viewed, batch=False, row=False,
               separate=("created_by",)),
        Action("approve", N_("馆务会批准"), by=rules.LEADERS, icon="gavel", tone="success", ask=Meeting, do=commands.approve, batch=False,
               row=False, separate=("created_by",), note="meeting_no", help=N_("专家同意剔除的批准，建议保留的退回")),
        Action("send_back", N_("退回审查"), by=rules.LEADERS, icon="arrow-back-up", tone="warning", ask=Returning, batch=False, row=False,
               serves=(), note="back_reason"),
        Action("approve_last", N_("末册复批"), by=rules.DIRECTOR, icon="shield-check", tone="danger", ask=Second, do=commands.approve_last,
               batch=False, row=False, separate=("created_by", "approved_by"), note="second_reason"),
        Action("spare_last", N_("末册保留"), by=rules.DIRECTOR, icon="arrow-back-up", ask=Second, do=commands.spare_last, batch=False,
               row=False, separate=("created_by",), note="second_reason"),
        Action("write_off", N_("资产核销并注销"), by=rules.EXPERTS, icon="book-off", tone="danger", ask=Asset, do=commands.write_off,
               batch=False, row=False, separate=("created_by", "approved_by"), serves=(), note="asset_no"),
        Action("write_on", N_("继续注销"), by=rules.EXPERTS, icon="player-play", do=commands.write_on, batch=False, row=False, serves=()),
        Action("dispose", N_("登记处置，结案"), by=rules.KEEPERS, icon="recycle", tone="success", ask=Disposal, do=commands.dispose,
               batch=False, row=False, note="proof"),
        Action("cancel", N_("作废"), by=(*rules.KEEPERS, *rules.LEADERS), icon="x", tone="danger", ask=Cancelling, do=commands.cancel,
               batch=False, row=False, serves=(), note="cancel_reason"),
    ],
    panels=[Panel(N_("清单与进展"), "resources/batch_around.html", queries.around)],
)


def tell(work: Work, one: Batch, act: str) -> None:
    """The batch moved by what others did."""
    tell_case(batches, work, one, "follow", act, serves=())


async def write_on_by_the_minute(work: Work, _due: datetime) -> None:
    """Long lists are written off in parts."""
    for one in await queries.writing(work.session):
        after = await commands.write_on(work, one)
        if after is not None and after != one.state:
            one.state = after
            tell(work, one, N_("注销完毕"))
        await work.session.flush()
