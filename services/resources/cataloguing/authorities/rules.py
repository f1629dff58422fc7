"""What an authority says, when a heading is one of ours, the life of an authority, and the ways of saying no. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from services.resources.cataloguing.authorities.model import (
    AuthorityState,
    ChangeState,
    Kind,
    Sort,
)
from services.resources.cataloguing.marc import headings
from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.headings import Parts
from shared.i18n import N_
from shared.refusals import Invalid, Refusal
from shared.search import fold, vector

READERS = ("RES", "head-resources", "director")
CHANGES = "GB"
LONGEST, MOST_FORMS = 200, 200
S, C = AuthorityState, ChangeState
LIFE: Mapping[tuple[AuthorityState, str], AuthorityState] = {
    (S.provisional, "verify"): S.verified,
    (S.provisional, "edit"): S.provisional,
    (S.provisional, "merge"): S.merged,
    (S.provisional, "withdraw"): S.withdrawn,
    (S.verified, "edit"): S.provisional,
    (S.verified, "merge"): S.merged,
    (S.verified, "withdraw"): S.withdrawn,
    (S.withdrawn, "restore"): S.provisional,
    (S.merged, "unmerge"): S.provisional,
}
CHANGE_LIFE: Mapping[tuple[ChangeState, str], ChangeState] = {
    (C.running, "finish"): C.done,
    (C.done, "undo"): C.undoing,
    (C.undoing, "finish"): C.undone,
}
LIVE = (S.provisional, S.verified)
# Acts after which what an authority says is agreed on by two people.
AGREED = ("verify", "note", "merge", "undo")
ACTS: Mapping[str, str] = {
    "create": N_("新建"), "import": N_("导入"), "edit": N_("修改"), "note": N_("改附注"), "verify": N_("已核定"), "merge": N_("合并"),
    "withdraw": N_("停止使用"), "restore": N_("恢复使用"), "undo": N_("撤销"),
}
BACK = {Sort.related: Sort.related, Sort.broader: Sort.narrower, Sort.narrower: Sort.broader, Sort.earlier: Sort.later, Sort.later: Sort.earlier}


class SameHeading(Refusal):
    """Two authorities may not read alike."""

    code = "authority.same-heading"
    message = N_("已有标目相同的规范：请改用那一条，或加上生卒年、限定语相区别")


class Changed(Refusal):
    """Somebody else saved it first."""

    code = "authority.changed"
    message = N_("这条规范在您编辑期间已被修改；您填的内容都在下面，请核对后再保存")


class Linked(Refusal):
    """Records point to it."""

    code = "authority.linked"
    message = N_("有 {n} 条书目联接着它，不能停用：请并入另一条规范")


class MergeRefused(Refusal):
    """These two cannot become one."""

    code = "authority.merge-refused"
    message = N_("现在不能合并")


class NotVerified(Refusal):
    """Only what two people agreed on changes records."""

    code = "authority.not-verified"
    message = N_("{no} 还未核定：核定后才能改动书目")


class UndoRefused(Refusal):
    """Something happened since; all reasons at once."""

    code = "authority.undo-refused"
    message = N_("变更之后有了新的变化，不能撤销")


class NothingToLink(Refusal):
    """No heading waits for that."""

    code = "authority.nothing-to-link"
    message = N_("没有可以联接的标目")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a name: its kind and parts."""

    kind: str
    parts: Parts

    @property
    def text(self) -> str:
        """As people read it."""
        return headings.shown(self.kind, self.parts)

    @property
    def row(self) -> dict[str, Any]:
        """The columns it is found by."""
        return {
            "text": self.text, "parts": [list(pair) for pair in self.parts], "kind": Kind(self.kind),
            "bare": headings.bare(self.kind, self.parts), "marks": headings.marks(self.kind, self.parts),
        }


@dataclass(frozen=True, slots=True)
class Told:
    """Everything an authority says."""

    form: Form
    variants: tuple[Form, ...] = ()
    relations: tuple[tuple[str, Form], ...] = ()
    source: str = ""
    source_no: str = ""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a version."""
        return {
            "form": _plain(self.form), "variants": [_plain(one) for one in self.variants],
            "relations": [[sort, _plain(one)] for sort, one in self.relations],
            "source": self.source, "source_no": self.source_no, "note": self.note,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Told:
        """Back from a version."""
        return cls(
            _form(kept["form"]), tuple(_form(one) for one in kept["variants"]),
            tuple((sort, _form(one)) for sort, one in kept["relations"]), kept["source"], kept["source_no"], kept["note"],
        )

    @property
    def leads(self) -> tuple[Any, ...]:
        """What brings readers to it: a change of that is verified anew."""
        return self.form, frozenset(self.variants)


def _plain(form: Form) -> dict[str, Any]:
    return {"kind": form.kind, "parts": [list(pair) for pair in form.parts]}


def _form(kept: Mapping[str, Any]) -> Form:
    return Form(kept["kind"], parts_from(kept["parts"]))


def parts_from(kept: Iterable[Sequence[str]]) -> Parts:
    """Parts out of a JSON column."""
    return tuple((one[0], one[1]) for one in kept)


_PIECE = re.compile(r"\s*[|｜]\s*")
_DATE = re.compile(r"[0-9?约前公 ]{0,4}[0-9]{2,4}.{0,4}[-—–~年].*|[0-9]{4}|[-—–][0-9]{3,4}")


def typed(kind: str, line: str) -> Form | None:
    """A line of the form: `name | addition | dates`, other parts behind their code as `$x…`; None for an empty one."""
    pieces = [" ".join(clean(piece).split())[:LONGEST] for piece in _PIECE.split(line)]
    parts: list[tuple[str, str]] = []
    for piece in filter(None, pieces):
        if not parts:
            parts.append(("a", piece))
        elif piece[0] == "$" and len(piece) > 2 and piece[1] in "bcdnqpklxzyvA":
            parts.append((piece[1], piece[2:].strip()))
        else:
            parts.append(("d" if _DATE.fullmatch(piece) else "c", piece))
    return Form(kind, tuple(parts)) if parts else None


def line_of(form: Form) -> str:
    """A form as the line it is typed as."""
    return " | ".join(
        text if n == 0 or (code in "cd" and bool(_DATE.fullmatch(text)) == (code == "d")) else f"${code}{text}" for n, (code, text) in enumerate(form.parts)
    )


def told_of(kind: str, given: Mapping[str, str]) -> Told:
    """The form as it was sent, or everything that is wrong with it at once."""
    errors: dict[str, str] = {}
    main = typed(kind, given.get("name", "")) if kind in set(Kind) else None
    if kind not in set(Kind):
        errors["kind"] = N_("请选择种类")
    if main is None or not headings.bare(kind, main.parts):
        errors["name"] = N_("请填写标目")
    lines = {name: [one for one in given.get(name, "").splitlines() if one.strip()] for name in ("variants", *Sort)}
    for name, found in lines.items():
        if len(found) > MOST_FORMS:
            errors[name] = N_("最多 200 行")
    if errors or main is None:
        raise Invalid(errors)
    forms = [one for line in lines["variants"] if (one := typed(kind, line)) is not None]
    return Told(
        main, tuple(one for one in dict.fromkeys(forms) if one != main and headings.bare(kind, one.parts)),
        tuple(dict.fromkeys((sort.value, one) for sort in Sort for line in lines[sort] if (one := typed(kind, line)) is not None and one != main)),
        _short(given, "source"), _short(given, "source_no", 60), clean(given.get("note", "")).strip()[:2_000],
    )


def _short(given: Mapping[str, str], name: str, most: int = LONGEST) -> str:
    return " ".join(clean(given.get(name, "")).split())[:most]


def given_of(told: Told) -> dict[str, str]:
    """What stands in the form for an authority."""
    return {
        "name": line_of(told.form), "variants": "\n".join(map(line_of, told.variants)), "source": told.source,
        "source_no": told.source_no, "note": told.note,
        **{sort.value: "\n".join(line_of(one) for kind, one in told.relations if kind == sort) for sort in Sort},
    }


def sort_of(text: str) -> str:
    """The heading as lists are ordered."""
    return fold(text)[:200]


def search_vector(told: Told) -> str:
    """What a search in the authorities finds it by: every form of it, and where it comes from."""
    return vector([
        (told.form.text, "A", True), *((one.text, "B", True) for one in told.variants[:100]),
        (told.note[:1_000], "D", False), (f"{told.source} {told.source_no}", "D", False),
    ])


class Match(NamedTuple):
    """An authority one of whose forms a heading may be."""

    id: Any
    no: str
    kind: str
    state: str
    heading: str
    parts: list[list[str]]
    established: bool
    # Whether dates and additions are the very same.
    same: bool


class Verdict(NamedTuple):
    """What a heading is: `exact`, `variant`, `ambiguous` or `unknown`, and the authority when there is one."""

    what: str
    match: Match | None = None


def judge(matches: Sequence[Match]) -> Verdict:
    """An established form with the very same dates goes before one that only does not contradict."""
    if not matches:
        return Verdict("unknown")
    sure = {one.id: one for one in matches if one.established and one.same}
    if len(sure) == 1 and (next(iter(sure.values())).established and len({one.id for one in matches if one.same}) == 1):
        return Verdict("exact", next(iter(sure.values())))
    owners = {one.id for one in matches}
    if len(owners) > 1:
        return Verdict("ambiguous")
    best = next((one for one in matches if one.established), matches[0])
    return Verdict("exact" if best.established else "variant", best)


def joined(into: Told, gone: Told) -> Told:
    """What the one that stays says after a merge: the other's forms lead to it."""
    known = {into.form, *into.variants}
    more = tuple(one if one.kind == into.form.kind else replace(one, kind=into.form.kind) for one in (gone.form, *gone.variants))
    note = into.note if gone.note in into.note else f"{into.note}\n{gone.note}".strip()[:2_000]
    return replace(
        into, variants=(*into.variants, *(one for one in dict.fromkeys(more) if one not in known)), note=note,
        relations=tuple(dict.fromkeys((*into.relations, *(one for one in gone.relations if one[1] != into.form)))),
    )


def words(text: str) -> str:
    """A reason as it is kept."""
    return " ".join(clean(text).split())[:LONGEST]
