"""The places of the house as a list."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.resources.cataloguing.items import commands, queries
from services.resources.cataloguing.items.model import Location, StockKind, Use
from shared.i18n import N_
from shared.web.register import Col, F, Import, Panel, Register


class LocationChange(BaseModel):
    """What may change of a place; its code stays."""

    name: str = F(N_("名称"), min_length=1, max_length=60)
    name_en: str = F(N_("英文名称"), "", max_length=80)
    use: Use = F(N_("流通方式"), Use.loan, help=N_("改动只用于之后入藏和改藏的单册"))
    stock: StockKind = F(N_("藏书性质"), StockKind.lending)
    special: bool = F(N_("特藏"), default=False, placeholder=N_("只调拨，不剔旧"))
    building: str = F(N_("馆舍"), "", max_length=40, placeholder=N_("如：本部馆"))
    floor: str = F(N_("楼层"), "", max_length=20, placeholder=N_("如：二层"))
    keeper: str = F(N_("保管岗位"), "", max_length=20, pattern=r"^([A-Z]{3}-[A-Z]{3})?$", help=N_("岗位代码，如 RDR-STK"))
    opens_on: date | None = F(N_("启用日期"), None, help=N_("空为一直启用"))
    closes_on: date | None = F(N_("停用日期"), None, help=N_("最后一天；之后不再分配新书，已在的书要调出"))
    metres: int = F(N_("书架总长"), 0, ge=0, le=1_000_000, unit=N_("米"), help=N_("没有量过填 0"))
    volumes: int = F(N_("设计容量"), 0, ge=0, le=100_000_000, unit=N_("册"), help=N_("没有量过填 0"))


class _Code(BaseModel):
    """Asked first, and only once."""

    no: str = F(
        N_("代码"), pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]{0,19}$", help=N_("字母、数字和连字符，定下后写入记录的馆藏字段"),
    )


class LocationForm(LocationChange, _Code):
    """A place, what it is called, and whether its books leave the house."""


locations = Register(
    "locations", Location, dept="resources", title=N_("馆藏地一览"), icon="map-pin", area=N_("编目典藏"),
    help=N_("书放在哪里、能否外借；导入和加册时由此选择"), serves=("RES-MGT-01", "RES-MGT-04"), tells=False,
    form=LocationForm, edit_form=LocationChange, create=("RES-MGT",), edit=("RES-MGT",), sort="no",
    on_create=commands.tell_place, on_edit=commands.tell_place,
    search=["no", "name", "name_en"], title_of=lambda place: place.name, import_=Import(key="no"),
    columns=[
        Col("no", N_("代码"), "ref"), Col("name"), Col("stock"), Col("use"), Col("building"), Col("floor"), Col("volumes"),
        Col("closes_on", kind="date"), Col("name_en", detail_only=True), Col("special", detail_only=True), Col("keeper", detail_only=True),
        Col("opens_on", kind="date", detail_only=True), Col("metres", detail_only=True), Col("updated_at", detail_only=True),
    ],
    filters={"use": N_("流通方式"), "stock": N_("藏书性质")},
    panels=[Panel(N_("在藏与容量"), "items/place.html", queries.around_place)],
)
