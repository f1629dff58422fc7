"""`python -m gateway.accounts.first USER`: the way into an empty library.

Rights come from posts, and posts from the office; but somebody must sign in to register the first
colleague. This account stands for the director until the office has named one, and is closed on
the accounts page afterwards.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert

from gateway.accounts import passwords
from gateway.accounts.model import Account
from gateway.accounts.queries import account_named
from gateway.accounts.rules import UserNameTaken, fold
from gateway.people.model import HeldPost, Person
from shared.database import new_engine, new_sessions
from shared.settings import Settings
from shared.work import Work, Works

POSTS = ("director", "OFF-ADM", "TEC-SYS")


async def open_first_account(work: Work, *, user_name: str) -> str:
    """A person, their posts and an account; returns the password, which must be changed."""
    name = fold(user_name)
    if await account_named(work.session, name):
        raise UserNameTaken(name=name)
    password = secrets.token_urlsafe(12)
    await work.session.execute(
        insert(Person).values(
            id=name, kind="staff", name=user_name, name_en="", dept="office", rank="", category="",
            state="", heard_at=work.now,
        ).on_conflict_do_nothing()
    )
    for post in POSTS:
        await work.session.execute(
            insert(HeldPost).values(
                holding_id=f"first:{name}:{post}", staff_no=name, post=post, subposts=[], rank="",
                valid_from=work.today, stand_in_for="",
            ).on_conflict_do_nothing()
        )
    work.session.add(Account(
        user_name=name, person_id=name, kind="staff", must_change=True, created_at=datetime.now(UTC),
        password=await passwords.hashed(password), password_at=work.now,
    ))
    return password


async def main(user_name: str) -> None:
    """Open it in the configured database and say the password once."""
    engine = new_engine(Settings.load("gateway"))
    async with Works(new_sessions(engine), "gateway").open() as work:
        password = await open_first_account(work, user_name=user_name)
    await engine.dispose()
    print(f"{fold(user_name)}  {password}  (must be changed at the first sign-in)")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m gateway.accounts.first USER")
    asyncio.run(main(sys.argv[1]))
