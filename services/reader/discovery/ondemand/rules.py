"""Who counts once, and what is refused. Pure."""

from __future__ import annotations

from hashlib import sha256

from shared.i18n import N_
from shared.refusals import NotFound, Refusal

# How long a page stays open until that is use.
SECONDS = 45


class UnknownOffer(NotFound):
    """No title is offered under this number."""

    code = "on-demand.unknown-offer"
    message = N_("没有这种按需采购书目：{what}")


class Decided(Refusal):
    """It is bought already, or no longer offered."""

    code = "on-demand.decided"
    message = N_("《{title}》{state}，不必再申请")


def digest(secret: str, card: str) -> str:
    """The same for one reader and title; another for any other title."""
    return sha256(f"{secret}:{card}".encode()).hexdigest()
