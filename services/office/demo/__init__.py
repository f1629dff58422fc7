"""The demonstration library's office: its people on their posts, its store, its vouchers, its tasks.

Everything goes through the real commands, in an order that a second run recognises: what is there
already is left alone, what an interrupted run left half done is carried on.
"""

from __future__ import annotations

from services.office.demo.contracts import sign_contracts
from services.office.demo.funds import fund_the_year
from services.office.demo.goods import stock_the_store
from services.office.demo.money import keep_the_books
from services.office.demo.people import employ_everybody
from services.office.demo.running import give_tasks, keep_the_calendar, let_days_pass
from shared.service import Kit


async def seed(kit: Kit) -> None:
    """Load the demonstration library."""
    # First of all: orders of the demonstration ask for this money.
    await fund_the_year(kit)
    await employ_everybody(kit)
    await keep_the_calendar(kit)
    await stock_the_store(kit)
    await keep_the_books(kit)
    await sign_contracts(kit)
    await give_tasks(kit)
    await let_days_pass(kit)
