"""One connection: who it is, what it said last, and one answer for each message, in order."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from services.reader.desk.selfcheck import asking, codec, lending, queries, rules, settling
from services.reader.desk.selfcheck.codec import Garbled, Message
from services.reader.desk.selfcheck.rules import Machine
from services.reader.desk.selfcheck.wish import Answer, Wish
from shared import tracing
from shared.i18n import N_, _, speaking
from shared.refusals import Refusal

if TYPE_CHECKING:
    from services.reader.desk.selfcheck.server import Server

log = structlog.get_logger()

Verb = Callable[[Wish], Awaitable[Answer]]
Refused = Callable[[Wish, str], Awaitable[Answer]]
VERBS: dict[str, tuple[Verb, Refused]] = {
    "11": (lending.checkout, lending.no_loan), "09": (lending.checkin, lending.no_return),
    "29": (lending.renew, lending.no_renewal), "65": (lending.renew_all, lending.no_renewals),
    "15": (settling.hold, settling.no_hold), "37": (settling.fee, settling.no_fee),
    "23": (asking.patron_status, asking.no_status), "63": (asking.patron_information, asking.no_information),
    "25": (asking.enable, asking.no_enabling), "01": (asking.block, asking.no_status),
    "35": (asking.end_session, asking.no_end), "17": (asking.item_information, asking.no_item),
    "19": (asking.item_update, asking.no_update), "99": (asking.sc_status, asking.no_end),
}
# What is done once, however often the same line comes.
CHANGES = {"11", "09", "29", "65", "15", "37", "01"}
RETRY = {"40001", "40P01"}
BUSY = N_("系统繁忙，请稍后再试或到借还台办理")
MOST_NONSENSE = 10


def utc() -> datetime:
    """Now."""
    return datetime.now(UTC)


class Talk:
    """What a connection remembers; `answer` turns a line into the bytes to send."""

    def __init__(self, server: Server, origin: str = "") -> None:
        self.server, self.origin = server, origin
        self.machine: Machine | None = None
        self.password_hash = ""
        self.busy = False
        self.nonsense = 0
        self._sent, self._line, self._checked = b"", b"", False

    @property
    def terminal_id(self) -> UUID | None:
        """Whose counters this connection feeds."""
        return self.machine.id if self.machine else None

    async def answer(self, line: bytes) -> bytes:
        """The answer to one line; nothing a machine sends raises."""
        machine = self.machine
        charset = machine.charset.value if machine else "utf-8"
        detection = machine.detection.value if machine else "auto"
        try:
            message = codec.read(line, charset, detection=detection)
        except Garbled as why:
            self._checked = self._checked or b"AZ" in line[-6:]
            return self._once_more(str(why))
        self._checked = message.checked and detection != "off"
        if message.code == "97":
            return self._sent or self._once_more("nothing to send again")
        # The very same message with the very same number is the old one: its answer was lost on the way.
        if message.sequence and message.code in CHANGES and line == self._line and self._sent:
            return self._sent
        answer = await self._answered(message)
        if answer is None:
            return self._once_more("not signed in")
        self.nonsense = 0
        self._line, self._sent = line, self._bytes(answer, message.sequence)
        return self._sent

    def _bytes(self, answer: Answer, sequence: str) -> bytes:
        machine = self.machine
        return codec.write(
            answer.code, answer.fixed, answer.fields, sequence=sequence, checked=self._checked,
            charset=machine.charset.value if machine else "utf-8",
            end=b"\r\n" if machine and machine.crlf else b"\r",
        )

    def _once_more(self, why: str) -> bytes:
        self.nonsense += 1
        log.info("not understood", terminal=self.machine.account if self.machine else "", why=why)
        return self._bytes(Answer("96"), "")

    async def _answered(self, message: Message) -> Answer | None:
        if message.code == "93":
            return await self._sign_in(message)
        if self.machine is None:
            if message.code != "99":
                return None
            home = self.server.home
            return asking.status(frozenset(), date=rules.moment(self.server.clock()), fields=[
                ("AO", home.institution or message["AO"]), ("AM", home.name),
            ])
        self.server.count(self.machine.id)
        wish = Wish(
            message, self.machine, self.server.home, self.server.works, self.server.reading, self.server.clock(), self.origin
        )
        with speaking(self.machine.language):
            if message.code in {"35", "99"}:
                return await self._do(wish)
            async with self.server.turns:
                with tracing.span(f"SIP2 {message.code}", "server"):
                    return await self._do(wish)

    async def _do(self, wish: Wish) -> Answer:
        verb, refused = VERBS[wish.message.code]
        try:
            ours, named = wish.home.institution, wish.message["AO"]
            if ours and named and named != ours:
                raise rules.OtherInstitution
            try:
                return await verb(wish)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") not in RETRY:
                    raise
                return await verb(wish)
        except Refusal as refusal:
            return await refused(wish, str(refusal))
        except Exception as error:
            self._tell(wish, error)
            try:
                return await refused(wish, _(BUSY))
            except Exception as again:
                self._tell(wish, again)
                return Answer("96")

    def _tell(self, wish: Wish, error: Exception) -> None:
        """Where it broke; never the words of the error, which may name a patron."""
        at = traceback.extract_tb(error.__traceback__)[-1]
        log.error(
            "no answer", terminal=wish.machine.account, message=wish.message.code, error=type(error).__name__,
            sqlstate=getattr(getattr(error, "orig", None), "sqlstate", None), at=f"{at.filename}:{at.lineno}",
        )

    async def _sign_in(self, message: Message) -> Answer:
        account, password = message["CN"], message.fields.get("CO", "")
        plain = all(algorithm in "0 " for algorithm in message.fixed.values())
        terminal = None
        try:
            if plain and account and password:
                async with self.server.reading() as session:
                    terminal = await queries.by_account(session, account)
        except Exception as error:
            log.warning("nobody can be looked up", error=type(error).__name__)
        if terminal is None or not terminal.active or not await self.server.fits(terminal, password):
            self.nonsense += 1
            log.warning("terminal turned away", account=account[:40] if terminal else "unknown", origin=self.origin)
            return Answer("94", ["0"])
        self.machine, self.password_hash = rules.machine(terminal), terminal.password_hash
        self.server.count(terminal.id)
        log.info("terminal signed in", terminal=terminal.account, origin=self.origin)
        return Answer("94", ["1"])
