"""What may be proposed, how a wish moves on, and what its reader is told next. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from services.reader.discovery.catalogue.numbers import isbn13
from services.reader.discovery.suggestions.model import Promise, Suggestion, SuggestionState
from shared.events.resources import TITLE_STAGES
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal

OPEN_MAX = 10
# A title is in demand when this many wait for each copy that can be lent, or anybody for none.
HOLDS_PER_COPY = 3
GROWN = 3
STAFF = ("RDR",)

S = SuggestionState
OPEN = (S.submitted, S.held, S.accepted)
LIFE: Mapping[tuple[SuggestionState, str], SuggestionState] = {
    (S.submitted, "accept"): S.accepted,
    (S.submitted, "hold"): S.held,
    (S.submitted, "refuse"): S.refused,
    (S.submitted, "withdraw"): S.withdrawn,
    (S.held, "accept"): S.accepted,
    (S.held, "refuse"): S.refused,
    (S.held, "withdraw"): S.withdrawn,
    (S.accepted, "shelve"): S.done,
    (S.accepted, "cancel"): S.cancelled,
}
DECISIONS: Mapping[str, str] = {"accepted": "accept", "held": "hold", "refused": "refuse"}
# What a stage of the title does to the wish itself; all others only move it on.
ENDS: Mapping[str, str] = {"on_shelf": "shelve", "cancelled": "cancel"}
STEPS: Mapping[str, str] = {
    **TITLE_STAGES, "submitted": N_("已提交"), "checked": N_("已查重"), "held": N_("暂缓"), "accepted": N_("已采纳"),
    "refused": N_("未采纳"), "withdrawn": N_("已撤回"), "hold": N_("已为您预约"), "no_hold": N_("未能自动预约"),
}
NEXT: Mapping[str, str] = {
    "wanted": N_("等待下订单"), "ordered": N_("等待到馆"), "received": N_("正在编目加工"), "catalogued": N_("加工后送服务点，到馆通知您"),
    "funds": N_("等待经费"),
}
_WORDLESS = re.compile(r"[^\w]+|_")
_CALLED = {"title": 300, "author": 200, "publisher": 120, "year": 10, "isbn": 30, "reason": 500}


class TooMany(Refusal):
    """There is a limit to what one reader has open at a time."""

    code = "suggestion-limit"
    message = N_("您有 {n} 条荐购还没有结果，上限 {limit} 条；有结果后可再荐购")


class Already(Refusal):
    """One reader asks for one title once."""

    code = "suggestion-exists"
    message = N_("您已荐购《{title}》（{number}），请勿重复")


class TooLate(Refusal):
    """What was decided cannot be taken back."""

    code = "suggestion-decided"
    message = N_("这条荐购已有结果，不能撤回")


class Proposal(BaseModel):
    """What a reader writes; a title, or at least its number, is enough."""

    title: str = ""
    author: str = ""
    publisher: str = ""
    year: str = ""
    isbn: str = ""
    reason: str = ""

    def tidy(self) -> Proposal:
        """Without loose blanks, the number in 13 digits; refused where something cannot stand so."""
        plain = {name: " ".join(getattr(self, name).replace("\0", "").split()) for name in _CALLED}
        errors = {name: N_("太长，请缩短") for name, most in _CALLED.items() if len(plain[name]) > most}
        if not plain["title"]:
            errors["title"] = N_("请填题名")
        if plain["isbn"]:
            number = isbn13(plain["isbn"])
            if not number:
                errors["isbn"] = N_("不是有效的 ISBN，请核对；不知道可以不填")
            plain["isbn"] = number
        if plain["year"] and not re.fullmatch(r"[12][0-9]{3}", plain["year"]):
            errors["year"] = N_("出版年写作四位数字")
        if errors:
            raise Invalid(errors)
        return Proposal(**plain)

    @property
    def key(self) -> str:
        """The same for two proposals of one book."""
        return self.isbn or f"t:{normal(self.title)}|{normal(self.author)}"


def normal(text: str) -> str:
    """Text as titles are compared: one width, one case, no punctuation or blanks."""
    return _WORDLESS.sub("", unicodedata.normalize("NFKC", text).casefold())


def prefilled(q: str) -> Proposal:
    """What was looked for in vain, as the beginning of a proposal."""
    return Proposal(isbn=isbn13(q)) if isbn13(q) else Proposal(title=q[:300])


def on_offer(wish: Suggestion) -> bool:
    """Whether it asks for a title of an on-demand pool: its case bears the number of the pool."""
    return wish.case_no.startswith("AX")


def add_step(wish: Suggestion, what: str, at: datetime, note: str = "") -> None:
    """One more stage with its time; a stage told twice in a row is one."""
    if not wish.steps or wish.steps[-1]["what"] != what or wish.steps[-1]["note"] != note:
        wish.steps = [*wish.steps, {"what": what, "at": at.isoformat(), "note": note}]


def label(wish: Suggestion) -> str:
    """Where it stands, in a word."""
    if wish.state is S.accepted and wish.progress and wish.progress != "wanted":
        return _(STEPS.get(wish.progress, wish.progress))
    return wish.state.text


def next_step(wish: Suggestion) -> str:
    """What happens next, and until when."""
    if wish.state is S.submitted and on_offer(wish):
        return _(N_("按需采购书目：达到使用人数即购买"))
    if wish.state is S.submitted:
        return _(N_("采访馆员在 {day} 前答复"), day=wish.answer_by) if wish.answer_by else _(N_("正在查重"))
    if wish.state is S.held:
        return _(N_("{day} 前再议"), day=wish.answer_by) if wish.answer_by else ""
    if wish.state is S.accepted:
        said = _(NEXT.get(wish.progress or "wanted", ""))
        return f"{said}；{wish.promise.text}" if wish.promise is not Promise.none else said
    return ""


def in_demand(holds: int, copies: int) -> bool:
    """Whether so many may not wait for so few."""
    return holds > 0 if not copies else holds / copies >= HOLDS_PER_COPY


def wish_json(wish: Suggestion) -> dict[str, Any]:
    """A wish on the wire."""
    return {
        "number": wish.no, "title": wish.title, "author": wish.author, "publisher": wish.publisher, "year": wish.year,
        "isbn": wish.isbn, "reason": wish.reason, "state": wish.state.value, "state_label": label(wish), "progress": wish.progress,
        "answer": _(wish.answer) if wish.answer else "", "answer_by": wish.answer_by, "votes": wish.votes, "case": wish.case_no,
        "title_no": wish.title_no, "next": next_step(wish), "hold": wish.promise.value, "instance_id": wish.instance_id,
        "steps": [{**one, "label": _(STEPS.get(one["what"], one["what"]))} for one in wish.steps], "submitted_at": wish.placed_at,
    }
