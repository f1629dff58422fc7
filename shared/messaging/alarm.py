"""Work for whoever looks after the systems, stated like any other fact: it stands on their list and rings their bell."""

from __future__ import annotations

from shared.events.base import CaseMoved
from shared.i18n import N_
from shared.work import Work

KEEPERS = ("TEC-SYS",)

SAID = {
    "letters": (N_("消息未能处理"), N_("消息待处理"), N_("消息已处理完")),
    "copy": (N_("数据核对发现差异"), N_("数据差异待修复"), N_("数据已一致")),
}


def place_of(service: str) -> str:
    """Where a service shows its dead letters and the comparison of its copies."""
    return "/upkeep" if service == "gateway" else f"/{service}/upkeep"


def alarm(work: Work, kind: str, source: str) -> None:
    """Something waits for a person: dead letters of a department, or a copy that differs."""
    act, state, _ = SAID[kind]
    work.emit(_case(work.service, kind, source, act, state, final=False))


def all_clear(work: Work, kind: str, source: str) -> None:
    """It is dealt with."""
    _, _, act = SAID[kind]
    work.emit(_case(work.service, kind, source, act, act, final=True))


def _case(service: str, kind: str, source: str, act: str, state: str, *, final: bool) -> CaseMoved:
    return CaseMoved(
        department=service, register_=f"upkeep.{kind}", number=f"{service}-{source}", title=f"{service} ← {source}",
        action="settle" if final else "alarm", act=act, state="settled" if final else "open", state_label=state,
        tone="success" if final else "danger", holders=KEEPERS, url=place_of(service), final=final,
    )
