"""Accounts of the demonstration library: made when their person is heard of, all with one password."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from gateway.accounts import passwords
from gateway.accounts.model import Account
from gateway.accounts.rules import fold
from shared.database import uuid7
from shared.events.office import StaffJoined
from shared.events.reader import PatronRegistered
from shared.messaging.handlers import Handlers
from shared.work import Work


def demo_handlers(password: str) -> Handlers:
    """Handlers that exist only in a process started with the demonstration library."""
    handlers = Handlers()

    async def give_account(work: Work, login: str, person: str, kind: str) -> None:
        if not login or not password:
            return
        row = insert(Account).values(
            id=uuid7(), user_name=fold(login), person_id=person, kind=kind, must_change=False,
            disabled=False, password=passwords.hash_now(password), password_at=work.now,
            created_at=work.now,
        )
        await work.session.execute(row.on_conflict_do_nothing(index_elements=["user_name"]))

    @handlers.on(StaffJoined)
    async def open_account_on_staff_joined(work: Work, event: StaffJoined) -> None:
        """Colleagues of the demonstration sign in by the code of their post."""
        await give_account(work, event.login, event.staff_no, "staff")

    @handlers.on(PatronRegistered)
    async def open_account_on_patron_registered(work: Work, event: PatronRegistered) -> None:
        """Patrons of the demonstration sign in by their card."""
        await give_account(work, event.login, event.card, "patron")

    return handlers
