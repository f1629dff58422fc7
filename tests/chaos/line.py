"""How a person's program sends a command: under one key, again and again until there is an answer that counts."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from typing import Any

import aiohttp

from tests.bench.stage import Stage, Unexpected
from tests.chaos.diary import Deed, Diary

PATIENCE = 240.0
PAUSE = 0.4
ONE_TRY = 20.0
# Answers that say "not now"; everything else below 500 is a yes or a no.
NOT_NOW = {401, 408, 425, 429}
USUAL, BAD = 0.03, 0.5


class Line:
    """The way in for everybody; `bad` is the share of requests whose answer is cut off."""

    def __init__(self, stage: Stage, diary: Diary, began: float) -> None:
        self.stage, self.diary, self.began = stage, diary, began
        self.bad = USUAL
        self.cut = 0
        # Runs on one folder do not meet: a key of an earlier run would be answered with its answer.
        self.run = secrets.token_hex(4)

    @property
    def now(self) -> float:
        """Seconds since the storm began."""
        return time.monotonic() - self.began

    async def send(
        self, chance: random.Random, actor: str, verb: str, who: str, path: str, body: dict[str, Any] | None = None,
        *, about: str = "",
    ) -> Deed:
        """One command, to its answer; a deed with status 0 never had one."""
        deed = self.diary.new(actor=actor, who=who, verb=verb, path=path, body=body or {}, about=about, began=self.now)
        key = f"{self.run}-{deed.no}"
        # Drawn once a command, so that faults do not change what is drawn afterwards.
        cut, after = chance.random(), chance.random() * 0.08
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if not deed.tries and cut < self.bad:
                    self.cut += 1
                    await asyncio.wait_for(self._once(who, path, deed.body, key), after)
                    said = (0, "answer cut off", {})  # it came sooner than we hung up: nobody looked at it
                else:
                    said = await asyncio.wait_for(self._once(who, path, deed.body, key), ONE_TRY)
            except TimeoutError:
                said = (0, "hung up" if not deed.tries and cut < self.bad else "no answer", {})
            except (aiohttp.ClientError, OSError, Unexpected) as error:
                said = (0, f"{type(error).__name__} {error}"[:60], {})
            status, why, answer = said
            if status and status < 500 and status not in NOT_NOW:
                deed.status, deed.answer = status, answer
                break
            if status == 401:
                self.stage.tokens.pop(who, None)
            deed.tries.append((round(self.now, 2), why))
            await asyncio.sleep(PAUSE)
        deed.ended = self.now
        return deed

    async def _once(self, who: str, path: str, body: dict[str, Any], key: str) -> tuple[int, str, dict[str, Any]]:
        headers = {"authorization": f"Bearer {await self.stage.token(who)}", "idempotency-key": key}
        async with self.stage.http.post(path, json=body, headers=headers) as answer:
            text = await answer.text()
            try:
                said = await answer.json(content_type=None)
            except ValueError:
                said = {}
            if not isinstance(said, dict):
                said = {}
            return answer.status, f"{answer.status} {said.get('code', '') or text[:80]}", said

    async def look(self, who: str, path: str) -> dict[str, Any]:
        """A page of the API, or nothing while it cannot be had."""
        try:
            headers = {"authorization": f"Bearer {await self.stage.token(who)}"}
            async with asyncio.timeout(ONE_TRY), self.stage.http.get(path, headers=headers) as answer:
                if answer.status == 401:
                    self.stage.tokens.pop(who, None)
                said = await answer.json(content_type=None) if answer.status == 200 else {}
                return said if isinstance(said, dict) else {}
        except (aiohttp.ClientError, OSError, ValueError, Unexpected, TimeoutError):
            return {}
