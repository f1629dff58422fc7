"""A department that is down is not knocked at by every request."""

from __future__ import annotations

import time
from dataclasses import dataclass

FAILURES = 3
PAUSE = 1.0
LONGEST = 5.0


@dataclass
class Breaker:
    """Closed while all is well; after some failures in a row it opens and lets one try through at a time."""

    failures: int = 0
    try_at: float = 0.0
    pause: float = PAUSE
    failed_at: float = 0.0

    @property
    def open(self) -> bool:
        """Whether the department counts as down."""
        return self.failures >= FAILURES

    def lets_pass(self) -> bool:
        """Whether this request may try; while open, one per pause."""
        if not self.open:
            return True
        now = time.monotonic()
        if now < self.try_at:
            return False
        self.try_at = now + self.pause
        return True

    def succeeded(self) -> None:
        """It answers."""
        if self.failures:
            self.failures, self.pause, self.try_at = 0, PAUSE, 0.0

    def failed(self) -> None:
        """It did not answer; the pauses grow a little."""
        self.failures += 1
        self.failed_at = time.time()
        if self.open:
            self.try_at = time.monotonic() + self.pause
            self.pause = min(self.pause * 1.5, LONGEST)
