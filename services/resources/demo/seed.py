"""Loads the demonstration library through the very doors a cataloguer uses."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from services.resources.cataloguing.imports import commands
from services.resources.cataloguing.imports.model import ImportJob, JobState
from services.resources.cataloguing.imports.runner import Runner
from services.resources.cataloguing.items.model import Location, StockKind, Use
from services.resources.cataloguing.items.register import locations
from services.resources.demo import (
    authorities,
    buying,
    cataloguing,
    contracts,
    duplicates,
    evaluation,
    giving,
    handover,
    holdings,
    layout,
    ondemand,
    serials,
    union,
    wishes,
    workshop,
)
from services.resources.demo.exchange import exchange
from shared.demo import person
from shared.service import Kit

RECORDS = Path(__file__).parent / "records"
FILES = ("classics.mrc", "bnu.mrc", "foreign.mrc")
USES = {"open": Use.loan, "closed": Use.closed, "reference": Use.reference}
SPECIAL = ("gj-5f",)


async def seed(kit: Kit) -> None:
    """Places and records, once; a second run finds what is there and adds only what is missing."""
    await _places(kit)
    for name in FILES:
        await _file(kit, name)
    runner = Runner(kit)
    while await runner.once():
        pass
    await handover.seed(kit)
    await buying.seed(kit)
    await contracts.seed(kit)
    await exchange(kit)
    await cataloguing.seed(kit)
    await duplicates.seed(kit)
    await authorities.seed(kit)
    await wishes.seed(kit)
    await serials.seed(kit)
    await holdings.seed(kit)
    await evaluation.seed(kit)
    await workshop.seed(kit)
    await giving.seed(kit)
    await layout.seed(kit)
    await ondemand.seed(kit)
    await union.seed(kit)


async def _places(kit: Kit) -> None:
    async with kit.works.open(person("res-mgt")) as work:
        known = set(await work.session.scalars(select(Location.no)))
        for place in json.loads((RECORDS / "locations.json").read_text(encoding="utf-8")):
            if place["code"] not in known:
                await locations.open(
                    work, no=place["code"], name=place["zh"], name_en=place["en"], use=USES[place["kind"]],
                    special=place["code"] in SPECIAL, stock=StockKind(place["stock"]), building="本部馆", floor=place["floor"],
                    volumes=place["volumes"],
                )


async def _file(kit: Kit, name: str) -> None:
    async with kit.works.open(person("res-mgt")) as work:
        known = (await work.session.scalars(select(ImportJob).where(ImportJob.file_name == name))).first()
        if known is None:
            await commands.receive(
                work, kit.files, RECORDS / name, name=name, location="sk-2f", start=True
            )
        elif known.state in (JobState.uploaded, JobState.failed, JobState.stopped):
            await commands.start(work, known.no)
