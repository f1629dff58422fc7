"""Which records may go, what an answer means, how long to wait after a failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from services.resources.cataloguing.copying.rules import BadAddress, checked_address, ours
from services.resources.cataloguing.marc.checking import check, hard
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.union.model import Act, ContributionState
from shared.i18n import N_
from shared.refusals import Reason, Refusal

CONTRIBUTORS = ("RES-MGT", "RES-ACQ")
KEEPERS = ("RES-MGT", "head-resources")
READERS = ("RES", "head-resources", "director")
NUMBERS = "LH"
BATCH = 50
LONGEST_PAUSE = timedelta(hours=6)
# Sent so long ago that whoever sent it must have died before the answer.
FORGOTTEN = timedelta(minutes=30)
S = ContributionState
LIFE: Mapping[tuple[ContributionState, str], ContributionState] = {
    (S.queued, "send"): S.sending,
    (S.fixed, "send"): S.sending,
    (S.sending, "hold"): S.queued,
    (S.sending, "lose"): S.unclear,
    (S.unclear, "hold"): S.queued,
    (S.sending, "accept"): S.accepted,
    (S.unclear, "accept"): S.accepted,
    (S.sending, "return"): S.returned,
    (S.unclear, "return"): S.returned,
    (S.queued, "return"): S.returned,
    (S.fixed, "return"): S.returned,
    (S.sending, "duplicate"): S.duplicate,
    (S.unclear, "duplicate"): S.duplicate,
    (S.returned, "fix"): S.fixed,
    (S.unclear, "settle"): S.accepted,
    (S.unclear, "again"): S.queued,
    # It was changed here since, or the last copy has left: the same case goes once more.
    (S.accepted, "change"): S.queued,
    (S.accepted, "withdraw"): S.queued,
    (S.sending, "remove"): S.withdrawn,
    (S.unclear, "remove"): S.withdrawn,
    (S.queued, "give_up"): S.given_up,
    (S.fixed, "give_up"): S.given_up,
    (S.returned, "give_up"): S.given_up,
}
ORG = "035"


class NotFitToSend(Refusal):
    """Everything that keeps a record from the union catalogue."""

    code = "union.not-fit"
    status = 422
    message = N_("{record} 还不能上传联合目录")


class ContributedAlready(Refusal):
    """A record is contributed once."""

    code = "union.contributed-already"
    message = N_("{record} 已在上传清单中")


class NotMended(Refusal):
    """What came back is changed before it goes again."""

    code = "union.not-mended"
    message = N_("{record} 退回后还没有新的已校对版本，请先修改并校对")


class NotOpen(Refusal):
    """Nothing is sent while the union catalogue is not set up."""

    code = "union.not-open"
    message = N_("还没有启用联合目录上传，请先在设置中填好")


REASONS: Mapping[str, str] = {
    "not-released": N_("记录没有发布，或已屏蔽、已并入其他记录"), "open-correction": N_("有未校对的更正"),
    "theirs": N_("记录套录自联合目录，不是本馆原编"), "numbered": N_("记录已有联合目录控制号"),
    "no-certificate": N_("编目员 {who} 没有这类记录的有效上传资格"), "marc": N_("{text}"),
    "too-long": N_("记录超过 ISO 2709 的长度限制，请改用 MARCXML"),
}


def unfit(
    marc: Record, *, released: bool, correcting: bool, theirs: bool, certified: bool, who: str, code: str, iso: bool
) -> list[Reason]:
    """Every reason against sending it."""
    found = [
        name for name, true in (
            ("not-released", not released), ("open-correction", correcting), ("theirs", theirs), ("numbered", bool(number_in(marc, code))),
            ("too-long", iso and len(marc.to_iso2709()) > 99_999),
        ) if true
    ]
    reasons = [Reason(f"union.{name}", REASONS[name]) for name in found]
    if not certified:
        reasons.append(Reason("union.no-certificate", REASONS["no-certificate"], params={"who": who}))
    return reasons + [Reason(f"marc.{one.code}", REASONS["marc"], params={"text": one.message}) for one in hard(check(marc))]


def against(reasons: Iterable[Reason], act: Act) -> list[Reason]:
    """What stands against this sending: a change needs the number a new record must not have; a withdrawal needs nothing."""
    if act is Act.remove:
        return []
    return [one for one in reasons if act is Act.create or one.code != "union.numbered"]


def step_of(act: Act, outcome: str) -> str:
    """The step an answer is; to a change or withdrawal "they have it" is no answer but an objection."""
    if outcome == "accepted":
        return "remove" if act is Act.remove else "accept"
    if outcome == "duplicate" and act is Act.create:
        return "duplicate"
    return "return"


def number_in(marc: Record, code: str) -> str:
    """The number the union catalogue gave the record, if it has one."""
    mark = f"({code})"
    return next((value[len(mark):] for value in marc.all(ORG, "a") if value.startswith(mark)), "") if code else ""


def numbered(marc: Record, code: str, number: str) -> Record:
    """The record with that number in 035, in the place of an older one."""
    mark = f"({code})"
    kept = [one for one in marc.fields if not (one.tag == ORG and one.first("a").startswith(mark))]
    at = next((n for n, one in enumerate(kept) if one.tag > ORG), len(kept))
    return marc.with_fields([*kept[:at], Field(ORG, "  ", (("a", f"{mark}{number}"),)), *kept[at:]])


def stripped(marc: Record) -> Record:
    """What travels: without our own shelf marks, barcodes and items."""
    return ours(marc)


def pause(failures: int) -> timedelta:
    """Two minutes, four, eight … six hours."""
    return min(timedelta(minutes=2 ** min(failures, 10)), LONGEST_PAUSE)


def next_run(now: datetime, every_hours: int) -> datetime:
    """When the schedule sends again."""
    return now + timedelta(hours=every_hours)


def checked(values: Mapping[str, Any], targets: Iterable[str]) -> dict[str, str]:
    """What is wrong with the settings, by field."""
    wrong: dict[str, str] = {}
    opening = values["open"]
    if (opening or values["name"]) and not 1 <= len(values["name"]) <= 60:
        wrong["name"] = N_("请填名称，不超过 60 字")
    if (opening or values["code"]) and not (values["code"].isascii() and values["code"].replace("-", "").isalnum() and len(values["code"]) <= 20):
        wrong["code"] = N_("代码只用字母、数字和连字符，写入记录的 035 字段，如 CALIS")
    if values["target"] and values["target"] not in set(targets):
        wrong["target"] = N_("没有这个套录目标")
    if opening or values["url"]:
        try:
            scheme = urlsplit(checked_address(values["url"])).scheme
        except BadAddress:
            scheme = ""
        if scheme not in ("http", "https"):
            wrong["url"] = N_("上传地址须以 https:// 开头，不带用户名、问号和井号")
        elif scheme == "http" and not values["inside"]:
            wrong["url"] = N_("校园网外的地址须用 https://，账号才不会泄露")
    if len(values["account"]) > 60 or ":" in values["account"]:
        wrong["account"] = N_("账号不超过 60 字，不含冒号")
    for name, least, most in (("every_hours", 1, 168), ("seconds", 1, 60)):
        if not (str(values[name]).isdecimal() and least <= int(values[name]) <= most):
            wrong[name] = N_("请填 1 到 168 之间的整数") if name == "every_hours" else N_("请填 1 到 60 之间的整数")
    return wrong
