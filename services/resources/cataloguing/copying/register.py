"""Targets as a list: other libraries' catalogues and what they call their indexes."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, field_validator, model_validator

from services.resources.cataloguing.copying import rules
from services.resources.cataloguing.copying.model import Charset, Target, Version
from shared.i18n import N_
from shared.web.register import Col, F, Import, Register

INDEX = r"^([A-Za-z][A-Za-z0-9_.\-]{0,60})?$"


class TargetChange(BaseModel):
    """What may change of a target; its code stays."""

    name: str = F(N_("名称"), min_length=1, max_length=60, placeholder=N_("如：国家图书馆"))
    url: str = F(N_("地址"), min_length=8, max_length=300, span=12, help=N_("SRU 服务的基本地址，不带问号后的部分；Z39.50 写 z3950://主机:端口/库名"))
    protocol: Version = F(N_("协议版本"), Version.v12)
    record_schema: str = F(
        N_("记录格式"), "marcxml", pattern=r"^[A-Za-z0-9:/._#\-]{0,120}$",
        help=N_("对方 explain 里的名称，须是某种 MARC，如 marcxml；留空由对方决定；Z39.50 写 usmarc 或 unimarc"),
    )
    title_index: str = F(N_("题名检索点"), "dc.title", pattern=INDEX)
    author_index: str = F(N_("责任者检索点"), "dc.creator", pattern=INDEX)
    isbn_index: str = F(N_("书号检索点"), "bath.isbn", pattern=INDEX)
    any_index: str = F(N_("任意词检索点"), "cql.serverChoice", pattern=INDEX, help=N_("对方没有的检索点留空，届时不问这一项"))
    charset: Charset = F(N_("检索词字符集"), Charset.utf8, help=N_("只用于 Z39.50；返回的记录按其自身的标志识别"))
    seconds: int = F(N_("最多等待"), 10, ge=1, le=20, unit=N_("秒"))
    inside: bool = F(N_("内部网络"), default=False, placeholder=N_("允许访问"), help=N_("对方在校园网内才勾选；不勾选时，地址若落在内部网络，一律不去"))
    active: bool = F(N_("启用"), default=True, placeholder=N_("检索时可选"))

    @field_validator("url")
    @classmethod
    def _goes_where_we_would(cls, url: str) -> str:
        try:
            return rules.checked_address(url)
        except rules.BadAddress as refusal:
            raise ValueError(refusal.message) from None

    @model_validator(mode="after")
    def _address_and_protocol_agree(self) -> Self:
        if self.url.startswith(f"{rules.Z3950}://") != (self.protocol is Version.z3950):
            raise ValueError(N_("Z39.50 目标的地址以 z3950:// 开头，SRU 目标的以 http:// 或 https:// 开头"))
        return self


class _Code(BaseModel):
    """Asked first, and only once."""

    no: str = F(N_("代码"), pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]{0,19}$")


class TargetForm(TargetChange, _Code):
    """A new target."""


targets = Register(
    "sru-targets", Target, dept="resources", title=N_("套录目标"), icon="world-search", area=N_("书目交换"),
    help=N_("可检索的外馆目录：地址、版本、检索点名称和等待时间"), serves=("RES-MGT-01", "RES-ACQ-05"), tells=False,
    form=TargetForm, edit_form=TargetChange, create=rules.KEEPERS, edit=rules.KEEPERS, delete=rules.KEEPERS, sort="no",
    read=rules.READERS, search=["no", "name", "url"],
    title_of=lambda target: target.name, import_=Import(key="no"),
    columns=[
        Col("no", N_("代码"), "ref"), Col("name"), Col("url"), Col("protocol"), Col("active"),
        Col("record_schema", detail_only=True), Col("title_index", detail_only=True),
        Col("author_index", detail_only=True), Col("isbn_index", detail_only=True), Col("any_index", detail_only=True),
        Col("charset", detail_only=True), Col("seconds", detail_only=True), Col("inside", detail_only=True), Col("updated_at", detail_only=True),
    ],
)
