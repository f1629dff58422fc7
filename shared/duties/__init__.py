"""The duty catalogue of the library: what each post must do, so that work can be shown as kept.

Screens, events and tests name duties by id; the catalogue is read on first use and stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.duties import catalogue as _catalogue
from shared.duties.catalogue import Cadence, Department, Duty, Post, SubPost, duty, name, title
from shared.duties.sheets import Holding, Rank, credits, sheet

__all__ = [
    "DEPARTMENTS",
    "DUTIES",
    "POSTS",
    "Cadence",
    "Department",
    "Duty",
    "Holding",
    "Post",
    "Rank",
    "SubPost",
    "credits",
    "duty",
    "name",
    "sheet",
    "title",
]

DUTIES: Mapping[str, Duty]
POSTS: Mapping[str, Post]
DEPARTMENTS: Mapping[str, Department]


def __getattr__(attribute: str) -> object:
    """Read the catalogue when one of its three mappings is first asked for."""
    match attribute:
        case "DUTIES":
            return _catalogue.duties()
        case "POSTS":
            return _catalogue.posts()
        case "DEPARTMENTS":
            return _catalogue.departments()
        case _:
            pass
    raise AttributeError(f"module {__name__!r} has no attribute {attribute!r}")
