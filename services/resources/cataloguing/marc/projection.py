"""Describe a record of any dialect in the same words."""

from __future__ import annotations

from services.resources.cataloguing.marc.description import Projection
from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.from_marc21 import project_marc21
from services.resources.cataloguing.marc.from_unimarc import project_unimarc
from services.resources.cataloguing.marc.record import Record


def project(record: Record) -> Projection:
    """What the record says, for lists, search, labels and duplicate checks."""
    return project_marc21(record) if record.dialect == MARC21 else project_unimarc(record)
