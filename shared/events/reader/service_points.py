"""Where patrons are served, for departments that send something there."""

from __future__ import annotations

from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_


class ServicePointSaved(Event):
    """A service point as it is now, with the locations it keeps; a later one replaces it."""

    name: ClassVar[str] = "reader.service-point.saved"
    summary: ClassVar[str] = N_("服务点“{point_name}”已保存")

    code: str
    point_name: str
    point_name_en: str = ""
    open: bool = True
    locations: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return f"service-point:{self.code}"

    def link(self) -> str:
        return "/reader/service-points"
