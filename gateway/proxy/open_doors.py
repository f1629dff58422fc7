"""Doors of the departments that machines of other houses use: a short address each, and a measured pace."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping

from shared.i18n import N_
from shared.refusals import Refusal

# First part of the path → department.
DOORS: Mapping[str, str] = {"oai": "resources", "sru": "resources"}
# A program that keeps to this takes 200,000 records in five minutes; one that does not is told when to come back.
BURST, PER_SECOND = 60.0, 4.0
CALLERS = 10_000


class TooFast(Refusal):
    """More requests than the house gives one caller; the protocols know 503 with Retry-After for it."""

    code = "too-fast"
    status = 503
    message = N_("请求过于频繁，请 {seconds} 秒后再来")


class Pace:
    """A bucket of requests per caller, refilled steadily; the callers seen longest ago are forgotten."""

    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self.burst, self.per_second = burst, per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, now: float | None = None) -> None:
        """Count one request, or refuse it."""
        now = time.monotonic() if now is None else now
        left, at = self._left.pop(caller, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.per_second)
        enough = left >= 1
        self._left[caller] = (left - 1 if enough else left, now)
        if len(self._left) > CALLERS:
            self._left.popitem(last=False)
        if not enough:
            raise TooFast(seconds=max(1, round((1 - left) / self.per_second)))
