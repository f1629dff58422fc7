"""A copy of the office's budget lines, as of what it told last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import pick


class FundLine(Base):
    """`no` is the number of the office's budget; money in fen; `level` the limit reached (0, 80, 100 per cent)."""

    __tablename__ = "fund_line"
    __audit__ = False

    no: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="")
    year: Mapped[int]
    total: Mapped[int] = mapped_column(default=0)
    available: Mapped[int] = mapped_column(default=0)
    level: Mapped[int] = mapped_column(default=0)
    open: Mapped[bool] = mapped_column(default=True)
    told_at: Mapped[datetime]

    @property
    def text(self) -> str:
        """The year and the name in the reader's language."""
        return f"{self.year} {pick(self.name, self.name_en)}"
