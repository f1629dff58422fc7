"""The library's holdings as patrons search them, one row per work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, deferred, mapped_column

from services.reader.database import Base

VISIBLE = "NOT suppressed AND NOT emptied"


class CatalogueRecord(Base):
    """A bibliographic record; written by handlers only and rebuilt by replay.

    `emptied` says that there were copies and all are withdrawn. Where copies are and whether one is
    free is not here: that is asked of the desk each time.
    """

    __tablename__ = "catalogue_record"
    __audit__ = False
    __table_args__ = (
        # Without a list of pending entries: what was just added costs no search its speed.
        Index(
            "ix_catalogue_record_search", "search", postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        # Byte order, whatever the database's collation: prefixes and ranges are walked, not scanned.
        Index("ix_catalogue_record_title", "sort_title", "instance_id"),
        Index("ix_catalogue_record_call", "call_key", "instance_id"),
        Index("ix_catalogue_record_class", "clc_main", postgresql_where=text(VISIBLE)),
        Index("ix_catalogue_record_year", text("year DESC NULLS LAST"), "instance_id"),
        Index("ix_catalogue_record_added", text("added_at DESC"), "instance_id"),
        Index("ix_catalogue_record_language", "language"),
        Index("ix_catalogue_record_material", "material"),
    )

    instance_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_rest: Mapped[str] = mapped_column(default="")
    other_titles: Mapped[list[str]] = mapped_column(default=list)
    responsibility: Mapped[str] = mapped_column(default="")
    authors: Mapped[list[str]] = mapped_column(default=list)
    publisher: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    year: Mapped[int | None] = mapped_column(default=None)
    edition: Mapped[str] = mapped_column(default="")
    extent: Mapped[str] = mapped_column(default="")
    series: Mapped[list[str]] = mapped_column(default=list)
    isbns: Mapped[list[str]] = mapped_column(default=list)
    issns: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="")
    subjects: Mapped[list[str]] = mapped_column(default=list)
    clc: Mapped[str] = mapped_column(default="")
    clc_main: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    call_key: Mapped[str] = mapped_column(Text(collation="C"), default="")
    material: Mapped[str] = mapped_column(default="book")
    summary: Mapped[str] = mapped_column(default="")
    sort_title: Mapped[str] = mapped_column(Text(collation="C"), default="")
    search: Mapped[str] = deferred(mapped_column(TSVECTOR, nullable=False))
    suppressed: Mapped[bool] = mapped_column(default=False)
    emptied: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]


class CatalogueWord(Base):
    """A word of titles, names or subjects, by its sound: what "did you mean" chooses from.

    Only ever added to: a word nobody's record bears any more leads to no result and is then not offered.
    """

    __tablename__ = "catalogue_word"
    __audit__ = False
    __table_args__ = (
        Index(
            "ix_catalogue_word_sound", "sound", postgresql_using="gin",
            postgresql_ops={"sound": "gin_trgm_ops"},
        ),
    )

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    sound: Mapped[str]


class CatalogueMoved(Base):
    """A number that people may have written down, and the record that answers to it today."""

    __tablename__ = "catalogue_moved"
    __audit__ = False

    number: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(index=True)
