"""What differs between two versions, who may release one, and the ways of saying no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.checking import Remark
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.versions.model import VersionState
from shared.i18n import N_, _
from shared.refusals import Reason, Refusal, SamePerson
from shared.settings import LOCAL

S = VersionState
LIFE: Mapping[tuple[VersionState, str], VersionState] = {
    (S.pending, "accept"): S.live,
    (S.pending, "return"): S.returned,
    (S.pending, "rewrite"): S.replaced,
    (S.returned, "rewrite"): S.replaced,
    (S.pending, "drop"): S.dropped,
    (S.returned, "drop"): S.dropped,
    (S.live, "supersede"): S.former,
}
OPEN = (S.pending, S.returned)
LONGEST_REASON = 200
# The stamp of the last change differs in every version and means nothing to a person.
STAMP = "005"


class EditedMeanwhile(Refusal):
    """Two cataloguers had the same record open; the second one learns what the first changed."""

    code = "version.edited-meanwhile"
    message = N_("{who} 在您编辑期间保存了第 {no} 版，您的内容没有写入，也没有丢失：核对下面的差异后再保存")


class NothingChanged(Refusal):
    """A version says something new."""

    code = "version.nothing-changed"
    message = N_("内容与当前版本相同，没有保存新版本")


class NotFit(Refusal):
    """The record lacks what it must say before patrons see it."""

    code = "version.not-fit"
    status = 422
    message = N_("记录还不能发布")


class LooksHeld(Refusal):
    """A new record describes what the catalogue has."""

    code = "version.looks-held"
    message = N_("馆内 {record}《{title}》与它书号、题名、卷次、年份相同；确要另建，请勾选“仍要新建”")


class Merged(Refusal):
    """A record that became part of another is history."""

    code = "version.merged"
    message = N_("{number} 已并入另一条记录，不能再改")


class NoOpenCorrection(Refusal):
    """Nothing waits to be proofread."""

    code = "version.no-open-correction"
    message = N_("{number} 没有待校对的更正")


def must_be_fit(remarks: Iterable[Remark]) -> None:
    """All hard errors at once, or silence."""
    reasons = [Reason(f"marc.{one.code}", "{text}", params={"text": one.message}) for one in remarks]
    if reasons:
        raise NotFit(reasons)


def must_be_another(makers: Iterable[str], reader: str) -> None:
    """Whoever wrote a word of it does not proofread it."""
    if reader in set(makers):
        raise SamePerson


def stamped(record: Record, now: datetime) -> Record:
    """The record with the time of this change, where such stamps stand."""
    stamp = Field(STAMP, "", (), f"{now.astimezone(LOCAL):%Y%m%d%H%M%S}.0")
    rest = [one for one in record.fields if one.tag != STAMP]
    at = next((n for n, one in enumerate(rest) if one.tag > STAMP), len(rest))
    return record.with_fields([*rest[:at], stamp, *rest[at:]])


def same(one: Record, other: Record) -> bool:
    """Whether two records say the same, apart from when."""
    return one.leader == other.leader and _said(one) == _said(other)


def _said(record: Record) -> list[Field]:
    return [field for field in record.fields if field.tag != STAMP]


class Difference(NamedTuple):
    """One line of a comparison: what stood there, what stands there; None where there was nothing."""

    old: Field | None
    new: Field | None

    @property
    def kind(self) -> str:
        """`same`, `added`, `removed` or `changed`."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "same" if self.old == self.new else "changed"


def compare(old: Record, new: Record) -> list[Difference]:
    """Two records field by field, in their order; a field that changed stands beside what it was."""
    before, after = [_leader(old), *_said(old)], [_leader(new), *_said(new)]
    found: list[Difference] = []
    for code, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if code == "equal":
            found += (Difference(one, one) for one in before[a:b])
        else:
            found += _paired(before[a:b], after[c:d])
    return found


def _leader(record: Record) -> Field:
    # Length and base address are the writer's affair.
    return Field("LDR", "", (), f"-----{record.leader[5:12]}-----{record.leader[17:]}")


def _paired(old: Sequence[Field], new: Sequence[Field]) -> Iterator[Difference]:
    """Within a stretch that differs, fields of one tag stand beside each other."""
    left = list(new)
    for one in old:
        at = next((n for n, other in enumerate(left) if other.tag == one.tag), None)
        if at is None:
            yield Difference(one, None)
            continue
        yield from (Difference(None, other) for other in left[:at])
        yield Difference(one, left[at])
        del left[: at + 1]
    yield from (Difference(None, other) for other in left)


def changes(old: Record, new: Record) -> list[Difference]:
    """Only what differs."""
    return [one for one in compare(old, new) if one.kind != "same"]


def reason_of(text: str) -> str:
    """A reason as it is kept."""
    return " ".join(clean(text).split())[:LONGEST_REASON]


def said_of(no: int) -> str:
    """What a version is called."""
    return _(N_("第 {no} 版"), no=no)
