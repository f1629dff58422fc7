"""The rules as a list, the most recent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import named_places
from services.resources.collections.layout import commands, rules
from services.resources.collections.layout.model import Kind, LayoutRule
from services.resources.collections.losses.queries import places
from services.resources.collections.monthly.rules import LANGUAGES, language_name
from shared.i18n import N_, _
from shared.web.register import Col, F, Import, Register
from shared.work import Work


async def languages(_work: Work, typed: str) -> Sequence[tuple[str, str]]:
    """Languages while one types."""
    wanted = typed.strip().lower()
    return [(code, _(name)) for code, name in LANGUAGES.items() if wanted in f"{code} {_(name)}".lower()][:15]


class RuleForm(BaseModel):
    """What the rule looks at, and where it leads."""

    clc_from: str = F(N_("分类起"), "", max_length=30, placeholder="TP3", help=N_("中图法分类号，空为不限；只填起号即该类及其下位类"))
    clc_to: str = F(N_("分类止"), "", max_length=30, placeholder="TP3", help=N_("含以它开头的全部"))
    material: Kind = F(N_("文献类型"), Kind.any)
    language: str = F(N_("文种"), "", max_length=3, source=languages, help=N_("三位代码，如 eng；空为不限"))
    location: str = F(N_("馆藏地"), min_length=1, max_length=40, source=places)
    sample_copies: int = F(N_("样本册数"), 0, ge=0, le=20, unit=N_("册"), help=N_("每种先留几册样本，其余入上面的馆藏地"))
    sample_location: str = F(N_("样本馆藏地"), "", max_length=40, source=places)
    valid_from: date | None = F(N_("生效日期"), None, help=N_("空为今天"))
    valid_until: date | None = F(N_("失效日期"), None, help=N_("最后一天，空为长期"))
    note: str = F(N_("说明"), "", max_length=300, rows=2, span=12)


layout_rules = Register(
    "layout-rules", LayoutRule, dept="resources", title=N_("布局规则"), icon="route", area=N_("编目典藏"),
    help=N_("哪类书放哪里：文献类型最先，其次文种，再次分类越窄越优先"), serves=("RES-MGT-01", "RES-MGT-04"), number=rules.NUMBERS,
    form=RuleForm, read=rules.READERS, create=rules.KEEPERS, edit=rules.KEEPERS, delete=rules.KEEPERS, on_create=commands.settle,
    on_edit=commands.settle, search=["no", "location", "sample_location", "note"], import_=Import(),
    title_of=lambda rule: f"{rules.span_text(rule)} → {rule.location}", filters={"material": N_("文献类型"), "location": N_("馆藏地")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("clc_from", N_("分类"), value=rules.span_text), Col("material"),
        Col("language", value=lambda rule: language_name(rule.language) if rule.language else "—"), Col("location", names=named_places),
        Col("sample_copies", N_("样本册数")), Col("sample_location", names=named_places), Col("valid_from", kind="date"), Col("valid_until", kind="date"),
        Col("note", detail_only=True),
    ],
)
