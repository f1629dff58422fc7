"""Gifts as a list of cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel

from services.resources.acquiring.donations import commands, queries, rules
from services.resources.acquiring.donations.model import Donation, DonationState, Donor
from services.resources.cataloguing.items.queries import locations, named_places
from shared.i18n import N_, pick
from shared.web.register import Action, Col, F, Filter, Panel, Register
from shared.work import Work


async def places(work: Work, q: str) -> Sequence[tuple[str, str]]:
    """Where it may stand."""
    return [(code, pick(place.name, place.name_en)) for code, place in (await locations(work.session)).items() if q.strip() in f"{code}{place.name}"]


class Offer(BaseModel):
    """Who gives what, and what is asked for it."""

    subject: str = F(N_("捐赠内容"), min_length=2, max_length=120, span=12, placeholder=N_("如：地方志与家谱一批"))
    donor: str = F(N_("捐赠人"), min_length=2, max_length=80)
    kind: Donor = F(N_("捐赠人类别"), Donor.person)
    phone: str = F(N_("电话"), "", max_length=40)
    email: str = F(N_("电子邮件"), "", max_length=120)
    address: str = F(N_("通信地址"), "", max_length=200, span=12)
    offered_on: date = F(N_("提出日期"))
    location: str = F(N_("入藏馆藏地"), "", max_length=30, source=places)
    shelf: str = F(N_("专架或专柜名"), "", max_length=80, help=N_("捐赠人要求冠名时填写，记在每一册上"))
    terms: str = F(N_("附加条件"), "", max_length=500, rows=2, span=12, help=N_("记在每一册上，如：仅供馆内阅览"))
    thanks: bool = F(N_("同意公开致谢"), False)
    thanks_as: str = F(N_("致谢时的署名"), "", max_length=80, help=N_("捐赠人希望怎样署名；不同意公开则不用填"))
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Why(BaseModel):
    """Why it is declined or given back."""

    reason: str = F(N_("理由"), min_length=2, max_length=300, rows=2, span=12)


class Thanks(BaseModel):
    """Where the thanks stand."""

    thanked_where: str = F(N_("致谢刊登处"), min_length=2, max_length=200, span=12, placeholder=N_("如：馆网新闻 2026-11-20"))


S = DonationState
# A right nobody holds: these stand in the panel of the case alone, never in a list, a sheet or on the wire.
PANEL_ONLY = ("nobody",)
donations = Register(
    "donations", Donation, dept="resources", title=N_("捐赠"), icon="gift", area=N_("采访"),
    help=N_("登记、查重、逐种审定、收据、证书、加工入藏、致谢；捐赠人信息只在本案内可见"),
    serves=("RES-ACQ-04",), number=rules.NUMBERS, life=rules.LIFE, state=DonationState, form=Offer, create=rules.BUYERS, edit=rules.BUYERS,
    edit_in=(S.offered, S.decided, S.received), read=rules.READERS, on_create=commands.begin, on_edit=commands.begin, sensitive=True,
    attach=True, search=["no", "subject", "receipt_no", "certificate_no"], title_of=lambda one: one.subject,
    due=lambda one: None if one.certificate_no else one.certificate_due, holders=rules.BUYERS,
    filters={"offered_on": Filter(N_("提出日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("subject", N_("捐赠内容")), Col("masked", N_("捐赠人"), value=rules.masked, sort=False),
        Col("offered_on", N_("提出日期"), "date"), Col("receipt_no", N_("收据号")), Col("certificate_due", N_("证书期限"), "date"),
        Col("certificate_no", N_("证书号")), Col("state"),
        Col("location", N_("入藏馆藏地"), names=named_places, detail_only=True), Col("shelf", N_("专架或专柜名"), detail_only=True),
        Col("terms", N_("附加条件"), detail_only=True), Col("note", N_("说明"), detail_only=True),
        Col("received_on", N_("接收日期"), "date", detail_only=True), Col("received_by", N_("接收人"), "person", detail_only=True),
        Col("decided_by", N_("审定人"), "person", detail_only=True), Col("certified_on", N_("证书日期"), "date", detail_only=True),
        Col("thanked_on", N_("致谢日期"), "date", detail_only=True), Col("thanked_where", N_("致谢刊登处"), detail_only=True),
        Col("return_no", N_("退还单号"), detail_only=True), Col("returned_on", N_("退还日期"), "date", detail_only=True),
        Col("reason", N_("理由"), detail_only=True),
        *(Col(name, label, who=PANEL_ONLY, detail_only=True, personal=kind) for name, label, kind in (
            ("donor", N_("捐赠人"), "name"), ("phone", N_("电话"), "phone"), ("email", N_("电子邮件"), "mail"),
            ("address", N_("通信地址"), "address"), ("thanks_as", N_("致谢时的署名"), "name"),
        )),
    ],
    actions=[
        Action("decide", N_("审定完毕"), by=rules.BUYERS, icon="checks", tone="info", do=commands.decide, batch=False, row=False),
        Action("reopen", N_("重新审定"), by=rules.BUYERS, icon="arrow-back-up", batch=False, row=False, serves=()),
        Action("receive", N_("接收并开收据"), by=rules.BUYERS, icon="receipt", tone="success", do=commands.receive, batch=False, row=False),
        Action("process", N_("加工入藏"), by=rules.BUYERS, icon="books", tone="success", do=commands.process, batch=False, row=False,
               help=N_("有记录的生成加工中的单册；没有的建草稿，编目发布后自动生成")),
        Action("certify", N_("发捐赠证书"), by=rules.BUYERS, icon="certificate", tone="accent", do=commands.certify, batch=False, row=False,
               when=lambda one: not one.certificate_no),
        Action("thank", N_("登记致谢"), by=rules.THANKERS, icon="heart", ask=Thanks, do=commands.thank, batch=False, row=False,
               when=lambda one: one.thanks and one.thanked_on is None, note="thanked_where"),
        Action("decline", N_("谢绝"), by=rules.BUYERS, icon="x", tone="warning", ask=Why, batch=False, row=False, note="reason"),
        Action("withdraw", N_("捐赠人撤回"), by=rules.BUYERS, icon="package-export", tone="warning", ask=Why, do=commands.withdraw, batch=False,
               row=False, serves=(), note="reason"),
    ],
    panels=[Panel(N_("清单与捐赠人"), "resources/donation_around.html", queries.around)],
)
