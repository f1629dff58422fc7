"""What a row means for a patron as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.reader.desk.campus.model import Fate, FileState
from services.reader.desk.patrons.model import CardState, Category, Source
from shared.i18n import N_
from shared.refusals import Refusal

S = FileState
LIFE: Mapping[tuple[FileState, str], FileState] = {
    (S.looked_at, "apply"): S.applying,
    (S.looked_at, "drop"): S.dropped,
    (S.applying, "finish"): S.done,
}
NUMBERS = "XK"
BATCH = 500
# Rows that go into the database at a time while a file is looked at.
CHUNK = 2000
# A clearance costs many statements: a batch with leavers ends early, so that the desk never waits long.
LEAVERS = 50
# A "complete" file that lacks more of our campus patrons than this is taken for a partial one.
MOST_LEAVING = 0.3


class TooManyLeave(Refusal):
    """The file was called complete and is not."""

    code = "card-file.too-many-leave"
    message = N_("按全量名单将有 {n} 人离校，超过校园卡读者的三成；请确认文件完整，或改按部分名单导入")


def wanted(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a patron that the row speaks of."""
    found = {
        "name": data["name"], "category": Category(data["category"]), "source": Source.campus,
        **{key: data[key] for key in ("college", "class_name", "email", "phone", "chip") if key in data},
    }
    if "valid_to" in data:
        found["valid_to"] = date.fromisoformat(data["valid_to"])
    return found


def fate(data: Mapping[str, Any], patron: Any) -> Fate:
    """Insert, change, loss, leave, or nothing new; `patron` is one, or a row with the same columns, or None."""
    status = data["status"]
    if patron is None:
        return Fate.same if status == "left" else Fate.insert
    if status == "left":
        return Fate.same if patron.state is CardState.closed else Fate.leave
    if status == "lost" and patron.state in {CardState.active, CardState.suspended}:
        return Fate.loss
    changed = any(getattr(patron, key) != value for key, value in wanted(data).items())
    return Fate.change if changed else Fate.same
