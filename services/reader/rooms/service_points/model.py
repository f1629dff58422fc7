"""A service point and the locations it keeps."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_, pick
from shared.states import Choice


class PointKind(Choice):
    """What patrons find there."""

    desk = "desk", N_("总服务台"), "accent"
    room = "room", N_("阅览室服务台"), "info"
    branch = "branch", N_("分馆"), "success"
    locker = "locker", N_("自助取书柜"), "secondary"
    # Another library of the union: its readers fetch there, nobody of ours works there.
    member = "member", N_("成员馆取书点"), "warning"


class ServicePoint(Base):
    """`code` stands in slips, cookies and JSON; it never changes. A closed point is offered to nobody."""

    __tablename__ = "service_point"
    __table_args__ = (
        # Where nobody has chosen a point, the work is done at this one.
        Index("uq_service_point_main", "main", unique=True, postgresql_where=text("main")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[PointKind] = mapped_column(default=PointKind.room)
    open: Mapped[bool] = mapped_column(default=True)
    main: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(default="")

    @property
    def text(self) -> str:
        """The name in the reader's language."""
        return pick(self.name, self.name_en)


class PointLocation(Base):
    """A location belongs to one point at most; one without a point is no reason to send anything."""

    __tablename__ = "service_point_location"

    location: Mapped[str] = mapped_column(primary_key=True)
    point: Mapped[str] = mapped_column(ForeignKey("service_point.code"))
