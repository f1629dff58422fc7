"""Why two records look alike, what the merged one says, who may merge alone, and the ways of saying no. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.checking import Remark
from services.resources.cataloguing.marc.crosswalk import convert
from services.resources.cataloguing.marc.fixed import placed
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.merging.model import MergeState
from services.resources.cataloguing.versions.rules import Difference, compare
from shared.i18n import N_
from shared.refusals import Invalid, Reason, Refusal

NUMBER = "HB"
READERS = ("RES", "head-resources", "director")
KEEPERS = ("RES-MGT", "head-resources")
MOST_ITEMS = 5
LONGEST = 200
# A number that stands in more records than this is a wrong number, not a crowd of duplicates.
CROWD = 12
LOWEST = 40
S = MergeState
LIFE: Mapping[tuple[MergeState, str], MergeState] = {
    (S.proposed, "release"): S.done,
    (S.proposed, "decline"): S.declined,
    (S.done, "undo"): S.undone,
}
REASONS: Mapping[str, tuple[str, str]] = {
    "control": (N_("同源记录号相同"), "success"), "isbn": (N_("ISBN 相同"), "success"), "issn": (N_("ISSN 相同"), "success"),
    "alike": (N_("题名、责任者、年份、出版者相同"), "success"), "title": (N_("题名相同"), "info"), "year": (N_("年份相同"), "info"),
    "other-title": (N_("题名不同"), "warning"), "other-year": (N_("年份不同"), "warning"),
    "other-material": (N_("类型不同"), "warning"),
}
KEEP, TAKE, BOTH = "keep", "take", "both"
# What a record says of itself alone: its number, its stamp, who made it, its place on our shelf.
OWN = frozenset(("LDR", "001", "003", "005", "008", "801", "905", "852", "998"))


class MergeRefused(Refusal):
    """These two cannot become one now; all reasons at once."""

    code = "merge.refused"
    message = N_("现在不能合并")


class UndoRefused(Refusal):
    """Something new has happened since; all reasons at once."""

    code = "merge.undo-refused"
    message = N_("合并之后有了新的变化，不能撤销")


class NeedsReason(Refusal):
    """Whoever declines or undoes says why."""

    code = "merge.needs-reason"
    status = 422
    message = N_("请写明理由")


class Side(NamedTuple):
    """One of the two as far as the question goes whether it may take part."""

    number: str
    state: str
    material: str
    merged: bool
    # Who has a correction of it open, and its number; empty when nobody has.
    open_by: str = ""
    open_no: int = 0
    # A merge it takes part in that waits for its second person.
    waits: str = ""


def objections(into: Side, gone: Side) -> list[Reason]:
    """Everything that stands in the way."""
    if into.number == gone.number:
        return [Reason("merge.same", N_("不能与自己合并"))]
    found = []
    for side in (into, gone):
        told = {"number": side.number, "who": side.open_by, "no": side.open_no, "merge": side.waits}
        if side.merged:
            found.append(Reason("merge.merged", N_("{number} 已并入另一条记录"), params=told))
        if side.state == "draft":
            found.append(Reason("merge.draft", N_("{number} 是草稿：请先校对发布，或作废它"), params=told))
        if side.open_no:
            found.append(Reason("merge.open", N_("{number} 有 {who} 的第 {no} 版更正未了结：请先校对或作废"), params=told))
        if side.waits:
            found.append(Reason("merge.waits", N_("{number} 已在合并单 {merge} 中等待复核"), params=told))
    if into.state == "suppressed" and not into.merged:
        found.append(Reason("merge.hidden", N_("{number} 已屏蔽，读者看不到：请先恢复显示，或改为保留另一条"), params={"number": into.number}))
    if (into.material == "serial") != (gone.material == "serial"):
        found.append(Reason("merge.kinds", N_("一条是期刊，一条不是，不能合并")))
    return found


def moved_on(pairs: Iterable[tuple[str, int, int]]) -> list[Reason]:
    """Records (number, revision compared, revision now) that were changed since somebody compared them."""
    return [
        Reason("merge.changed", N_("{number} 在对照之后已改动，请重新对照"), params={"number": number})
        for number, then, now in pairs if then != now
    ]


def unfit(remarks: Iterable[Remark]) -> list[Reason]:
    """What the merged text lacks, or has twice, as reasons."""
    return [Reason(f"marc.{one.code}", "{text}", params={"text": one.message}) for one in remarks]


def needs_second(items: int, on_loan: int, most: int) -> bool:
    """Whether a second person releases: patrons hold something, or the harm would be large."""
    return on_loan > 0 or items > most


def side_by_side(into: Record, gone: Record) -> list[Difference]:
    """The survivor left, the other right, in the survivor's dialect."""
    return compare(into, convert(gone, into.dialect))


def offers(one: Difference) -> tuple[str, ...]:
    """What may be chosen in a line; nothing where both agree or the field is the record's own."""
    field = one.old or one.new
    if one.kind == "same" or field is None or field.tag in OWN or one.new is None:
        return ()
    return (KEEP, TAKE, BOTH) if one.old is not None else (KEEP, TAKE)


def proposed(one: Difference, tags: frozenset[str]) -> str:
    """What is marked at first: what the survivor has no field for is taken along, the rest stays as it is."""
    return TAKE if one.old is None and one.new is not None and one.new.tag not in tags and offers(one) else KEEP


def joined(into: Record, lines: Sequence[Difference], choices: Mapping[int, str]) -> Record:
    """The survivor with what was chosen, line by line; its own fields keep their order."""
    fields: list[Field] = []
    added: list[Field] = []
    for n, line in enumerate(lines):
        if (line.old or line.new or Field("LDR")).tag == "LDR":
            continue
        wish = choices.get(n, KEEP) if offers(line) else KEEP
        if line.old is not None and wish != TAKE:
            fields.append(line.old)
        if line.new is not None and line.kind != "same" and wish in (TAKE, BOTH):
            (fields if line.old is not None else added).append(line.new)
    stamps = [one for one in into.fields if one.tag == "005"]
    for one in (*stamps, *added):
        fields = placed(fields, one)
    return into.with_fields(fields)


def most_of(typed: str) -> int:
    """The setting as it is kept: 0 to 999."""
    if not typed.strip().isdecimal() or not 0 <= int(typed) <= 999:
        raise Invalid({"most_items": N_("请填 0 到 999 的整数")})
    return int(typed)


def words(text: str) -> str:
    """A reason as it is kept."""
    return " ".join(clean(text).split())[:LONGEST]


def why(text: str) -> str:
    """A reason that must be given."""
    if not (said := words(text)):
        raise NeedsReason
    return said
