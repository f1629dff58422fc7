"""The last number given out within a class."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base


class ClassCounter(Base):
    """One row a class mark; its lock is what makes two takers wait for each other."""

    __tablename__ = "class_counter"
    __audit__ = False

    mark: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
