"""Which posts there are, who may give them, and what a person must do because of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from services.office.people.post_duties.model import Holding
from shared.duties import DEPARTMENTS, POSTS, Duty, sheet
from shared.duties import Holding as Held
from shared.duties import name as name_of
from shared.events.office import PostAssigned, PostEnded
from shared.i18n import N_, _, language
from shared.refusals import Refusal

GIVERS = ("director", "OFF-ADM")
STAND_IN_GIVERS = ("director", "head", "OFF-ADM")
LONGEST_STAND_IN = 92

# Leaders have no row in the duty catalogue; their pseudo-posts carry rights only.
LEADER_POSTS: Mapping[str, tuple[str, str]] = {
    "director": (N_("馆长"), ""),
    "deputy": (N_("分管馆长"), ""),
    "auditor": (N_("审计人员"), ""),
    "head-office": (N_("办公室主任"), "office"),
    "head-resources": (N_("资源建设部主任"), "resources"),
    "head-tech": (N_("技术与后勤保障部主任"), "tech"),
    "head-reader": (N_("读者服务部主任"), "reader"),
    "head-institute": (N_("研究所所长"), "institute"),
}


class NoSuchPost(Refusal):
    """The post or the place inside it is not in the catalogue."""

    code = "no-such-post"
    status = 422
    message = N_("岗位目录中没有“{post}”")


class PostHeldAlready(Refusal):
    """The person holds this post at that time."""

    code = "post-held-already"
    status = 409
    message = N_("此人在该时段已任 {post}")


class PlaceTaken(Refusal):
    """The place inside the post is for one person at a time, and somebody has it."""

    code = "place-taken"
    status = 409
    message = N_("“{place}”同一时段只能有一人，现由 {holder} 担任，请先结束其任职")


class DatesReversed(Refusal):
    """A post cannot end before it begins."""

    code = "dates-reversed"
    status = 422
    message = N_("结束日期不能早于开始日期")


class NotToOneself(Refusal):
    """Posts and stand-ins are given by somebody else."""

    code = "not-to-oneself"
    status = 409
    message = N_("不能给本人任岗或安排本人顶班")


class StandInUnclear(Refusal):
    """Standing in has two people, an end, and a reasonable length."""

    code = "stand-in-unclear"
    status = 422
    message = N_("顶班须由另一人承担，写明起止日期，且最长 {days} 天")


class AbsentHoldsNoPost(Refusal):
    """Nobody can stand in for a post that is not held."""

    code = "absent-holds-no-post"
    status = 409
    message = N_("{staff} 在所选日期并不任 {post}，无法安排顶班")


class NotWorkingHere(Refusal):
    """The person has left."""

    code = "not-working-here"
    status = 409
    message = N_("{staff} 已离馆")


def post_title(code: str) -> str:
    """What people call a post."""
    if code in POSTS:
        return name_of(POSTS[code])
    return _(LEADER_POSTS[code][0]) if code in LEADER_POSTS else code


def place_title(post: str, subpost: str) -> str:
    """What people call a place inside a post."""
    return name_of(POSTS[post].subpost(subpost)) if post in POSTS else subpost


def dept_of(post: str) -> str:
    """The department a post belongs to."""
    return POSTS[post].department if post in POSTS else LEADER_POSTS.get(post, ("", ""))[1]


def dept_name(slug: str) -> str:
    """What people call a department."""
    return name_of(DEPARTMENTS[slug]) if slug in DEPARTMENTS else _(N_("馆领导"))


def all_posts() -> list[tuple[str, str]]:
    """Code and name of everything that can be held."""
    return [(code, f"{code}  {post_title(code)}") for code in (*POSTS, *LEADER_POSTS)]


def check_giver(actor: str, receiver: str) -> None:
    """Refuse when somebody would give to themselves."""
    if actor == receiver:
        raise NotToOneself


def check_post(post: str, subposts: Sequence[str]) -> None:
    """Refuse a post or place the catalogue does not know."""
    if post in LEADER_POSTS and not subposts:
        return
    if post not in POSTS:
        raise NoSuchPost(post=post)
    known = {place.code for place in POSTS[post].subposts}
    if unknown := [code for code in subposts if code not in known]:
        raise NoSuchPost(post=f"{post} {'、'.join(unknown)}")


def check_dates(valid_from: date, valid_to: date | None) -> None:
    """Refuse an end before the beginning."""
    if valid_to is not None and valid_to < valid_from:
        raise DatesReversed


def check_stand_in(absent: str, stand_in: str, valid_from: date, valid_to: date | None) -> None:
    """Refuse a stand-in without an end, too long, or for oneself."""
    if absent == stand_in or valid_to is None or (valid_to - valid_from).days >= LONGEST_STAND_IN:
        raise StandInUnclear(days=LONGEST_STAND_IN)
    check_dates(valid_from, valid_to)


def last_day(holding: Holding, ends_before: date) -> date:
    """The last day of a holding that must be over when `ends_before` dawns; never before its eve."""
    return max(ends_before, holding.valid_from) - timedelta(days=1)


def assigned(holding: Holding) -> PostAssigned:
    """What the house is told when a post is given."""
    return PostAssigned(
        holding_id=str(holding.id), staff_no=holding.staff_no, post=holding.post,
        subposts=tuple(holding.subposts), rank=holding.rank, valid_from=holding.valid_from,
        valid_to=holding.valid_to, stand_in_for=holding.stand_in_for,
    )


def ended(holding: Holding) -> PostEnded:
    """What the house is told when a post is taken back."""
    assert holding.valid_to
    return PostEnded(
        holding_id=str(holding.id), staff_no=holding.staff_no, post=holding.post,
        valid_to=holding.valid_to,
    )


def duties_of(holdings: Iterable[Holding]) -> tuple[Duty, ...]:
    """Everything a person must do because of what they hold: base, place and title duties."""
    held: list[Held] = []
    for h in holdings:
        places: Sequence[str | None] = h.subposts or [None]
        held += [Held(h.post, place, h.rank or None) for place in places]  # type: ignore[arg-type]
    return sheet(held)


def cadence_text(duty: Duty) -> str:
    """How often a duty falls due, in words."""
    words = {
        "daily": N_("每日"), "weekly": N_("每周"), "monthly": N_("每月"), "term": N_("每学期"),
        "yearly": N_("每年"),
    }
    parts = []
    for cadence in duty.cadence:
        if cadence.kind == "event":
            parts.append(_(N_("按安排")))
        elif cadence.minutes:
            parts.append(_(N_("{often}不少于 {minutes} 分"), often=_(words[cadence.kind]), minutes=cadence.minutes))
        else:
            parts.append(_(words[cadence.kind]))
    return (", " if language() == "en" else "、").join(parts)
