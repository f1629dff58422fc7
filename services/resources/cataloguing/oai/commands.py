"""What is written down for harvests: stamps, who came, the settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert

from services.resources.cataloguing.oai import rules
from services.resources.cataloguing.oai.model import Harvest, OaiSettings
from services.resources.cataloguing.oai.queries import settings_of
from shared.refusals import Invalid
from shared.work import Work, Works

CHUNK = 20_000
# One stamper at a time, so stamps never fall behind what a harvester was already told.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('oai-stamp'))")
_STAMP = text(
    "WITH due AS (SELECT instance_id FROM oai_record WHERE stamp IS NULL LIMIT :chunk FOR UPDATE SKIP LOCKED) "
    "UPDATE oai_record r SET stamp = date_trunc('second', clock_timestamp()) FROM due "
    "WHERE r.instance_id = due.instance_id"
)


async def stamp(work: Work) -> int:
    """Date changes that were committed before; a row another transaction is changing waits for its commit."""
    await work.session.execute(_ALONE)
    done = await work.session.execute(_STAMP, {"chunk": CHUNK})
    return int(done.rowcount)  # type: ignore[attr-defined]


async def stamp_all(works: Works) -> None:
    """Date every change there is, a transaction at a time."""
    while True:
        async with works.open() as work:
            if await stamp(work) < CHUNK:
                return


async def stamp_on_the_minute(work: Work, _due: datetime) -> None:
    """For the schedule: a stamp is at most a minute later than the change."""
    await stamp(work)


async def note_harvest(work: Work, row: dict[str, Any]) -> None:
    """Who took how much: one row a harvest, whichever of its requests comes twice."""
    made = insert(Harvest).values(**row)
    await work.session.execute(made.on_conflict_do_update(
        index_elements=[Harvest.id],
        set_={
            "records": func.greatest(Harvest.records, made.excluded.records), "last_at": made.excluded.last_at,
            "done": Harvest.done.op("OR")(made.excluded.done),
        },
    ))


async def forget_harvests(work: Work, due: datetime) -> None:
    """For the schedule: old harvests are of no use."""
    before = due - timedelta(days=rules.HARVESTS_KEPT_DAYS)
    await work.session.execute(delete(Harvest).where(Harvest.last_at < before))


async def save_settings(
    work: Work, *, open: bool, name: str, mail: str, domain: str, page_size: str
) -> OaiSettings:
    """Change who we are to harvesters."""
    work.actor.require(*rules.KEEPERS)
    if wrong := rules.checked(name=name, mail=mail, domain=domain, page_size=page_size):
        raise Invalid(wrong)
    kept = await settings_of(work.session)
    kept.open, kept.name, kept.mail, kept.domain, kept.page_size = open, name, mail, domain.lower(), int(page_size)
    return kept
