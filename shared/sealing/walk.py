"""The walk from outside a running service: for `make verify` and for schedules of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.database import new_engine, new_sessions
from shared.messaging.handlers import SOURCES
from shared.sealing.queries import Verdict, chains, told, verify
from shared.sealing.rules import Finding, disagreeing
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Walked:
    """How one database's chain stands, its links, and the links others told it."""

    verdict: Verdict
    chains: Mapping[int, str]
    told: Mapping[str, Mapping[int, str]]


async def walk(settings: Settings) -> Walked:
    """One database; a large one takes minutes."""
    engine = new_engine(settings, size=1)
    try:
        async with new_sessions(engine.execution_options(isolation_level="AUTOCOMMIT"))() as session:
            verdict = await verify(session)
            return Walked(verdict, await chains(session), {source: await told(session, source) for source in SOURCES})
    finally:
        await engine.dispose()


def across(found: Mapping[str, Walked]) -> list[Finding]:
    """What one department was told against what the other says today."""
    return [
        finding for own in found.values() for source, links in own.told.items() if source in found
        for finding in disagreeing(source, links, found[source].chains)
    ]
