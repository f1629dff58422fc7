"""Records in the forms other systems ask for: MARCXML for MARC 21, MarcXchange for UNIMARC and CNMARC.

MARCXML means MARC 21; MarcXchange (ISO 25577) is the same container for any MARC, with the name of
the format on it. So a CNMARC record travels field by field as it is, and nobody takes it for MARC 21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.cataloguing.marc.dialects import CNMARC, MARC21
from services.resources.cataloguing.marc.record import SLIM, Record

SLIM_SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
XCHANGE = "info:lc/xmlns/marcxchange-v1"
XCHANGE_SCHEMA = "http://www.loc.gov/standards/iso25577/marcxchange-1-1.xsd"
NAMES = {MARC21: "MARC21", CNMARC: "CNMARC"}
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_OPEN = f'<record xmlns="{SLIM}">'


def marcxml(fields: Mapping[str, Any]) -> str:
    """A stored MARC 21 record in the slim namespace."""
    head = f'<record xmlns="{SLIM}" {_XSI} xsi:schemaLocation="{SLIM} {SLIM_SCHEMA}" type="Bibliographic">'
    return head + _body(fields)


def marcxchange(fields: Mapping[str, Any], dialect: str) -> str:
    """A stored record of any dialect as ISO 25577 has it."""
    name = NAMES.get(dialect, "UNIMARC")
    head = (
        f'<record xmlns="{XCHANGE}" {_XSI} xsi:schemaLocation="{XCHANGE} {XCHANGE_SCHEMA}" '
        f'format="{name}" type="Bibliographic">'
    )
    return head + _body(fields)


def native(fields: Mapping[str, Any], dialect: str) -> str:
    """The record in its own dialect, nothing crosswalked."""
    return marcxml(fields) if dialect == MARC21 else marcxchange(fields, dialect)


def _body(fields: Mapping[str, Any]) -> str:
    return Record.from_json(fields).to_marcxml().removeprefix(_OPEN)
