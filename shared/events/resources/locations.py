"""The places of the house, for departments that write codes and show names."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_


class LocationSaved(Event):
    """A place as it is now; a later one replaces it. `use` is loan, reference or closed."""

    name: ClassVar[str] = "resources.location.saved"
    summary: ClassVar[str] = N_("馆藏地“{place_name}”（{code}）已保存")
    evidence: ClassVar[tuple[str, ...]] = ("RES-MGT-01",)

    code: str
    place_name: str
    place_name_en: str = ""
    use: str = "loan"
    # lending, sample, reference, periodicals, special or compact.
    stock: str = "lending"
    special: bool = False
    building: str = ""
    floor: str = ""
    # The post that answers for it.
    keeper: str = ""
    opens_on: date | None = None
    closes_on: date | None = None
    # Metres of shelf and volumes when full; 0 where nobody measured.
    metres: int = 0
    volumes: int = 0

    @property
    def aggregate(self) -> str:
        return f"location:{self.code}"

    def link(self) -> str:
        return f"/resources/locations/{self.code}"
