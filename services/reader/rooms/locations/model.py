"""A place, copied from what resources tell."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.i18n import pick


class Place(Base):
    """A location as resources told it last."""

    __tablename__ = "location"
    __audit__ = False

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    stock: Mapped[str] = mapped_column(default="lending")
    building: Mapped[str] = mapped_column(default="")
    floor: Mapped[str] = mapped_column(default="")
    closes_on: Mapped[date | None] = mapped_column(default=None)
    volumes: Mapped[int] = mapped_column(default=0)

    @property
    def text(self) -> str:
        """The name in the reader's language."""
        return pick(self.name, self.name_en) or self.code
