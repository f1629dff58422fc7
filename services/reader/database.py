"""The declarative base of the department's own tables."""

from __future__ import annotations

from sqlalchemy import Enum
from sqlalchemy.orm import DeclarativeBase

from services.reader.desk.consortium import triggers as consortium
from services.reader.desk.merging import triggers as merging
from services.reader.desk.privacy import triggers as privacy
from services.reader.triggers import DDL as _DDL
from shared.database import Table, new_metadata
from shared.states import Choice

__all__ = ["DDL", "Base"]
# The union library's own come last: they use a function of the ledger's.
DDL: tuple[str, ...] = (*_DDL, *merging.DDL, *consortium.DDL, *privacy.DDL)


class Base(Table, DeclarativeBase):
    """Every table of Reader Services."""

    metadata = new_metadata()
    type_annotation_map = {
        **Table.type_annotation_map,
        # A choice is stored by its value and read back as itself, with its label and tone.
        Choice: Enum(
            Choice, native_enum=False, length=32,
            values_callable=lambda choices: [choice.value for choice in choices],
        ),
    }
