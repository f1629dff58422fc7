"""The way out: one letter by SMTP. What a server says no to is told apart from a server that is not there."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.reader.desk.notices.composing import Draft
from services.reader.desk.notices.rules import as_html, without_addresses
from shared.settings import LOCAL, Settings


class NotDelivered(Exception):
    """The letter did not leave; `answer` is what the server said, addresses masked."""

    def __init__(self, answer: str) -> None:
        super().__init__(type(self).__name__)
        self.answer = without_addresses(answer)


class Refused(NotDelivered):
    """For good (5xx): this address or this letter will never be taken."""


class Later(NotDelivered):
    """For now (4xx): a full mailbox, a greylist."""


class Trouble(NotDelivered):
    """Not the letter's fault: the server is away, or does not accept us as a sender."""


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server and how it is spoken to."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str
    sender_name: str
    timeout: float

    @classmethod
    def of(cls, settings: Settings) -> Post | None:
        """As configured; None when mail is off."""
        if not settings.smtp_host:
            return None
        return cls(
            settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user,
            settings.smtp_password, settings.smtp_from or f"library@{settings.smtp_host}",
            settings.library_name, settings.smtp_timeout,
        )

    def message(self, draft: Draft, ids: Sequence[str], at: datetime) -> EmailMessage:
        """The letter as mail: plain text and the same in HTML, headers in ASCII whatever they say.

        The id follows from what is told: a letter sent twice after a crash bears one id.
        """
        made = EmailMessage(policy=SMTP)
        made["Subject"] = draft.subject
        made["From"] = Address(self.sender_name, addr_spec=self.sender)
        made["To"] = Address(addr_spec=draft.address)
        made["Date"] = format_datetime(at.astimezone(LOCAL))
        made["Message-ID"] = f"<{ids[0]}.{len(ids)}.{ids[-1]}@{self.sender.partition('@')[2]}>"
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(draft.text, cte="base64")
        made.add_alternative(as_html(draft.text, draft.language), subtype="html", cte="base64")
        made["Content-Language"] = "en" if draft.language == "en" else "zh-CN"
        return made

    async def send(self, draft: Draft, ids: Sequence[str], at: datetime) -> None:
        """Hand the letter over, in a thread: smtplib waits."""
        await asyncio.to_thread(self._send, draft.address, self.message(draft, ids, at).as_bytes())

    def _send(self, address: str, letter: bytes) -> None:
        try:
            with self._connected() as server:
                server.sendmail(self.sender, [address], letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _for_letter(code, said) from None
        except smtplib.SMTPDataError as error:
            raise _for_letter(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPResponseException as error:  # greeting, sign-in, sender
            raise Trouble(_said(error.smtp_code, error.smtp_error)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Trouble(f"{type(error).__name__}") from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _said(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"


def _for_letter(code: int, text: bytes | str) -> NotDelivered:
    return (Refused if code >= 500 else Later)(_said(code, text))
