"""Sample rows of duplicates: records another cataloguer made once more, one of them merged already."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.cataloguing.marc import typed
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.merging import commands, finding
from services.resources.cataloguing.merging.model import Likeness
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.rules import LIKE, keys
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions import queries
from shared.demo import person
from shared.service import Kit

CHANGES = ({"summary": "另一馆员据样书编目，附内容提要。"}, {"subjects": "古典文学"}, {"note": "据版权页著录。"})


async def seed(kit: Kit) -> None:
    """Once; a second run finds what is there."""
    async with kit.works.open(person("res-acq")) as work:
        if await work.session.scalar(select(Likeness.id).limit(1)):
            return
        rows = await work.session.scalars(
            select(Instance).where(Instance.dialect == "cnmarc", Instance.state == RecordState.released, Instance.revision == 0)
            .order_by(Instance.number).limit(60)
        )
        made: list[tuple[str, str]] = []
        for known in rows:
            marc = await queries.working(work.session, known)
            if len(made) == len(CHANGES) or not any(key.startswith(LIKE) for key in keys(project(marc))):
                continue
            again = _without_number(typed.write(marc, CHANGES[len(made)]))
            made.append((known.number, (await versions.create(work, again, reason="据样书编目", anyway=True)).record.number))
    async with kit.works.open(person("res-mgt")) as work:
        for _known, number in made:
            await records.release(work, number)
    async with kit.works.open(person("res-mgt")) as work:
        await finding.find(work)
        if made:
            await commands.propose(work, into=made[0][0], gone=made[0][1], bases=(0, 1), choices={}, reason="同一种书编了两次")


def _without_number(marc: Record) -> Record:
    return marc.with_fields(one for one in marc.fields if one.tag not in ("001", "905"))
