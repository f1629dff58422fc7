"""The places of the house as a list."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.cataloguing.items.model import Location, Use
from shared.i18n import N_
from shared.web.register import Col, F, Import, Register


class LocationForm(BaseModel):
    """A place, what it is called, and whether its books leave the house."""

    no: str = F(
        N_("代码"), pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]{0,19}$", help=N_("字母、数字和连字符，定下后写入记录的馆藏字段"),
    )
    name: str = F(N_("名称"), min_length=1, max_length=60)
    name_en: str = F(N_("英文名称"), "", max_length=80)
    use: Use = F(N_("流通方式"), Use.loan, help=N_("改动只用于之后入藏和改藏的单册"))
    special: bool = F(N_("特藏"), default=False, placeholder=N_("只调拨，不剔旧"))


class LocationChange(BaseModel):
    """What may change of a place; its code stays."""

    name: str = F(N_("名称"), min_length=1, max_length=60)
    name_en: str = F(N_("英文名称"), "", max_length=80)
    use: Use = F(N_("流通方式"), Use.loan, help=N_("改动只用于之后入藏和改藏的单册"))
    special: bool = F(N_("特藏"), default=False, placeholder=N_("只调拨，不剔旧"))


locations = Register(
    "locations", Location, dept="resources", title=N_("馆藏地一览"), icon="map-pin", area=N_("编目典藏"),
    help=N_("书放在哪里、能否外借；导入和加册时由此选择"), serves=("RES-MGT-01", "RES-MGT-04"), tells=False,
    form=LocationForm, edit_form=LocationChange, create=("RES-MGT",), edit=("RES-MGT",), sort="no",
    search=["no", "name", "name_en"], title_of=lambda place: place.name, import_=Import(key="no"),
    columns=[
        Col("no", N_("代码"), "ref"), Col("name"), Col("name_en"), Col("use"), Col("special"),
        Col("updated_at", detail_only=True),
    ],
    filters={"use": N_("流通方式")},
)
