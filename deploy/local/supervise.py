"""Keep programs running: one that dies is started again, later and later while it keeps dying, and people are told."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, RLock, Thread

FIRST_PAUSE, LONGEST_PAUSE, CALM = 0.5, 30.0, 60.0


@dataclass
class Watched:
    """One program under watch: how to start it and how to see that it ended."""

    name: str
    start: Callable[[], None]
    ended: Callable[[], int | None]
    pause: float = FIRST_PAUSE
    due: float | None = None
    since: float = field(default_factory=time.monotonic)


class Watch:
    """A thread that looks at every program a few times a second."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._watched: dict[str, Watched] = {}
        self._over = Event()
        self._turn = RLock()
        self._thread = Thread(target=self._look, name="watch", daemon=True)

    def begin(self) -> None:
        """Start looking."""
        self._thread.start()

    def end(self) -> None:
        """Stop looking; nothing is started again after this returns."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def add(self, name: str, start: Callable[[], None], ended: Callable[[], int | None]) -> None:
        """Put a running program under watch."""
        with self._turn:
            self._watched[name] = Watched(name, start, ended)

    def drop(self, name: str) -> None:
        """Leave a program alone, because it is stopped on purpose."""
        with self._turn:
            self._watched.pop(name, None)

    def _look(self) -> None:
        while not self._over.wait(0.2):
            with self._turn:
                for one in list(self._watched.values()):
                    self._look_at(one)

    def _look_at(self, one: Watched) -> None:
        now = time.monotonic()
        if one.due is None:
            code = one.ended()
            if code is None:
                return
            if now - one.since > CALM:
                one.pause = FIRST_PAUSE
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            self._say(f"{one.name} {how}; starting it again in {one.pause:g} s")
            one.due, one.pause = now + one.pause, min(one.pause * 2, LONGEST_PAUSE)
        elif now >= one.due:
            one.due, one.since = None, now
            try:
                one.start()
                self._say(f"{one.name} runs again")
            except Exception as reason:
                self._say(f"{one.name} did not start: {reason}; next try in {one.pause:g} s")
                one.due, one.pause = now + one.pause, min(one.pause * 2, LONGEST_PAUSE)
