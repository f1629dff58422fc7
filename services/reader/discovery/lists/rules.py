"""How many lists and how long, and what is refused."""

from __future__ import annotations

from shared.i18n import N_
from shared.refusals import Invalid, Refusal

MOST_LISTS, MOST_ENTRIES = 50, 500
LONGEST_TITLE, LONGEST_NOTE = 80, 500


class TooManyLists(Refusal):
    """A patron keeps at most so many."""

    code = "too-many-lists"
    message = N_("最多建 {most} 个书单，请先删去不用的")


class ListFull(Refusal):
    """The list is as long as lists may be."""

    code = "list-full"
    message = N_("一个书单最多 {most} 种，请另建一个")


def title_of(text: str) -> str:
    """The name of a list, or what is wrong with it."""
    title = " ".join(text.split())
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid({"title": N_("请给书单取个名字，80 字以内")})
    return title


def note_of(text: str) -> str:
    """A note, or what is wrong with it."""
    note = text.replace("\r\n", "\n").replace("\0", "").strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid({"note": N_("备注最多 500 字")})
    return note
