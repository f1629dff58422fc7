"""The last word of the desk about an item."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice


class Whereabouts(Choice):
    """Where the desk says the item is."""

    home = "home", N_("在馆"), "success"
    loan = "loan", N_("借出"), "warning"
    hold = "hold", N_("预约架"), "info"
    transit = "transit", N_("途中"), "info"
    desk = "desk", N_("服务台处理中"), "info"
    missing = "missing", N_("清点未见"), "danger"


class Sighting(Base):
    """One line per item the desk ever moved, under the barcode it bears today."""

    __tablename__ = "sighting"
    __audit__ = False

    barcode: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[Whereabouts]
    at: Mapped[datetime]
