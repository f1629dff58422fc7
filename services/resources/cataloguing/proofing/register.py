"""Defect codes as a list: what a proofreader may name, and how heavy it is."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.cataloguing.proofing import rules
from services.resources.cataloguing.proofing.model import DefectCode
from shared.i18n import N_
from shared.web.register import Col, F, Import, Register


class CodeChange(BaseModel):
    """What may change; the code stays, and what was found earlier keeps the weight of its day."""

    name: str = F(N_("差错"), min_length=1, max_length=60, placeholder=N_("如：分类号错误"))
    name_en: str = F(N_("英文"), "", max_length=60)
    weight: int = F(N_("权重"), ge=0, le=100, unit=N_("分"), help=N_("100 分为整条记录错误；一条记录的差错相加，至多 100 分"))
    active: bool = F(N_("启用"), default=True, placeholder=N_("校对时可选"))


class _Code(BaseModel):
    """Asked first, and only once."""

    no: str = F(N_("代码"), pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]{0,19}$")


class CodeForm(CodeChange, _Code):
    """A new code."""


defect_codes = Register(
    "defect-codes", DefectCode, dept="resources", title=N_("差错代码"), icon="alert-circle", area=N_("编目典藏"),
    help=N_("校对时可指出的差错和权重，差错率由此算出"), serves=("RES-MGT-01", "RES-MGT-02"), tells=False,
    form=CodeForm, edit_form=CodeChange, create=rules.KEEPERS, edit=rules.KEEPERS, delete=rules.KEEPERS, sort="no",
    read=rules.READERS, search=["no", "name", "name_en"], title_of=lambda code: code.name, import_=Import(key="no"),
    columns=[Col("no", N_("代码"), "ref"), Col("name"), Col("name_en"), Col("weight"), Col("active"), Col("updated_at", detail_only=True)],
)
