"""MARC 21, CNMARC or another UNIMARC, and what kind of record: told from leader and tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.resources.cataloguing.marc.record import Field

MARC21, CNMARC, UNIMARC = "marc21", "cnmarc", "unimarc"
DIALECTS = (MARC21, CNMARC, UNIMARC)
_CODED = re.compile(r"^(?:\d{8}|[\d?|# ]{4,8}[a-m])")
_MARC21_ONLY = frozenset({"008", "040", "245", "260", "264", "246", "650"})
_UNIMARC_ONLY = frozenset({"101", "102", "200", "210", "215", "606", "690", "801", "905"})


def dialect_of(leader: str, fields: Sequence[Field]) -> str:
    """The dialect of a record; the title field settles nearly all of them."""
    tags = {field.tag for field in fields}
    coded = next((f.first("a") for f in fields if f.tag == "100" and f.subfields), "")
    unimarc = "200" in tags and "245" not in tags
    if not unimarc and "245" not in tags:
        looks = len(tags & _UNIMARC_ONLY) - len(tags & _MARC21_ONLY)
        dated = bool(_CODED.match(coded)) and len(coded) >= 20
        unimarc = (dated and "008" not in tags) or (looks > 0 and leader[20:22] != "45")
    if not unimarc:
        return MARC21
    return CNMARC if _is_chinese(coded, fields) else UNIMARC


def kind_of(leader: str, dialect: str, tags: frozenset[str] = frozenset()) -> str:
    """Bibliographic, authority or holdings, from the type of record."""
    mark = leader[6:7]
    if dialect == MARC21:
        if mark == "z":
            # A spoiled bibliographic leader may say so too; a title field decides.
            return "bibliographic" if "245" in tags else "authority"
        return "holdings" if mark in ("u", "v", "x", "y") else "bibliographic"
    return "authority" if mark in ("x", "y", "z") else "bibliographic"


def _is_chinese(coded: str, fields: Sequence[Field]) -> bool:
    if "chi" in coded[20:27] or coded[9:12] == "chi":
        return True
    for field in fields:
        if field.tag == "102" and "CN" in field.all("a"):
            return True
        if field.tag == "801" and "CN" in field.all("a"):
            return True
        if field.tag == "101" and "chi" in field.all("a"):
            return True
        if field.tag in ("690", "905") and field.subfields:
            return True
    return False
