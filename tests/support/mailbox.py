"""A mail server of our own that keeps what it is given and says what a test wants it to say."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from deploy.local.ports import free_port
from services.reader.desk.notices.smtp import Post


@dataclass
class Mailbox:
    """`answers` maps an address to what the server says to it instead of 250."""

    port: int
    raw: list[bytes] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    data_answer: str = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if said := self.answers.get(address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_answer:
            return self.data_answer
        self.raw.append(envelope.content)
        return "250 kept"

    @property
    def letters(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]

    def texts(self) -> list[str]:
        return [letter.get_body(("plain",)).get_content() for letter in self.letters]

    @property
    def post(self) -> Post:
        return Post("127.0.0.1", self.port, "none", "", "", "lib@yunshan.example", "云山大学图书馆", 5)

    @contextmanager
    def open(self, **options: Any) -> Iterator[Mailbox]:
        """The server listens inside the block; outside of it nobody is there."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def new_mailbox() -> Mailbox:
    return Mailbox(free_port())
