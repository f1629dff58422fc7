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

    # The month as resources handed it in last: `2026-10`, empty before the first report.
    period: Mapped[str] = mapped_column(default="")
    titles: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    opening: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    moved_in: Mapped[int] = mapped_column(default=0)
    moved_out: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)

    @property
    def full(self) -> int | None:
        """Per cent of what it holds; None where nobody measured it or reported on it."""
        return self.copies * 100 // self.volumes if self.volumes and self.period else None

    @property
    def text(self) -> str:
        """The name in the reader's language."""
        return pick(self.name, self.name_en) or self.code


class HoldingsReport(Base):
    """A monthly report or a collection evaluation that resources handed in; one line, the report itself stays with them."""

    __tablename__ = "holdings_report"
    __audit__ = False

    number: Mapped[str] = mapped_column(primary_key=True)
    # month or evaluation.
    kind: Mapped[str]
    title: Mapped[str]
    link: Mapped[str]
    told_on: Mapped[date]
