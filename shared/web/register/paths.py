"""Where the screens of a register are, and who may ask for them before a record is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.i18n import _

if TYPE_CHECKING:
    from shared.web.register.declare import Register


def crumbs(register: Register, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where the page stands."""
    return [(_(register.area), ""), (_(register.title), register.path), *more] if register.area else [
        (_(register.title), register.path), *more
    ]


def back_of(register: Register, given: object, otherwise: str) -> str:
    """Where the person came from, if it is a page of this register."""
    text = str(given or "")
    mine = text == register.path or text.startswith((register.path + "?", register.path + "/"))
    return text if mine else otherwise


def plain_rights(rights: tuple[str, ...]) -> tuple[str, ...]:
    """Rights a route can check before the record is known."""
    return tuple("staff" if r.startswith("@") else r for r in rights)
