"""A small shelf: two places, one title in each of two classes, as many copies as a test wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from services.resources.cataloguing.items.commands import add_item
from shared.identity import Actor
from tests.resources.acquiring.test_selections import marc
from tests.resources.conftest import CATALOGUER, House

HERE, THERE = "sk-2f", "wx-2f"
KEEPER = CATALOGUER
LEADER = Actor("S601", "部主任", posts=("head-resources",), dept="resources")
COUNTER = Actor("S031", "密集库馆员", posts=("RDR-STK",), dept="reader")
ISBNS = ("9787020002207", "9787100017534")


async def shelf(house: House, tmp_path: Path, **copies: int) -> dict[str, str]:
    """`D=3` puts three copies of a D title into the first place; returns the numbers of the records by class."""
    await house.place(HERE, "二层社科库")
    await house.place(THERE, "二层文学库")
    numbers: dict[str, str] = {}
    for (mark, n), isbn in zip(copies.items(), ISBNS, strict=False):
        await house.read(marc(tmp_path / f"{mark}.mrc", isbn))
        ((number,),) = await house.rows("SELECT number FROM instance ORDER BY created_at DESC, number DESC LIMIT 1")
        numbers[mark] = number
        for at in range(n):
            await copy(house, number, f"{mark}{at + 1:05d}", f"{mark}{at + 10}/{at + 1}")
    return numbers


async def copy(house: House, number: str, barcode: str, call: str, location: str = HERE, **more: Any) -> None:
    async with house.work() as work:
        await add_item(work, number=number, barcode=barcode, location=location, call_number=call, price_cents=2000, **more)


async def get(house: House, url: str, actor: Actor = KEEPER, lang: str = "zh") -> httpx.Response:
    async with house.client(actor, lang) as client:
        return await client.get(url)


async def post(house: House, url: str, actor: Actor = KEEPER, **body: Any) -> httpx.Response:
    async with house.client(actor) as client:
        return await client.post(url, **body)
