"""State machines as one literal table, read by the guard, the screen, the docs and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self, TypeVar

from shared.i18n import N_, _
from shared.refusals import Refusal


class Choice(StrEnum):
    """An enumeration people read: value, label (msgid), tone of its chip, optional English.

    `draft = "draft", N_("草稿"), "secondary"`; stored by value.
    """

    label: str
    tone: str

    def __new__(cls, value: str, label: str = "", tone: str = "secondary") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        member.tone = tone
        return member

    @property
    def text(self) -> str:
        """The label in the reader's language."""
        return _(self.label)


S = TypeVar("S", bound=Choice)

# (state, action) → next state.
Life = Mapping[tuple[S, str], S]


class NotFromHere(Refusal):
    """The action does not exist in the state the record is in now."""

    code = "not-from-here"
    status = 409
    message = N_("当前状态为“{state}”，不能办理此项操作")

    def __init__(self, state: Choice, action: str) -> None:
        self.state, self.action = state, action
        super().__init__(state=getattr(state, "text", state))


def step(life: Mapping[tuple[S, str], S], state: S, action: str) -> S:
    """The state after `action`, or `NotFromHere`."""
    try:
        return life[state, action]
    except KeyError:
        raise NotFromHere(state, action) from None


def actions(life: Mapping[tuple[S, str], S], state: S) -> list[str]:
    """What may happen next, in the order of the table."""
    return [action for (source, action) in life if source == state]


def final(life: Mapping[tuple[S, str], S]) -> set[S]:
    """States that nothing leaves."""
    sources = {source for source, _action in life}
    return {target for target in life.values() if target not in sources}
