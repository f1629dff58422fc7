"""`python -m services.tech.systems.backups.told --kind backup --seconds 12 …`: what the command that backed this suite up has to say.

The scripts of ops run it in the department's own process space (`make backup`, `make ship-backup`, `make ship-drill`); it needs the
department's settings and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio

from sqlalchemy import select

from services.tech.systems.backups import rules
from services.tech.systems.backups.model import BackupPlan, RunKind
from services.tech.systems.backups.register import plans, runs
from shared.database import new_engine, new_sessions
from shared.i18n import N_, _, speak_for
from shared.settings import Settings
from shared.work import Work, Works


async def note(work: Work, kind: RunKind, *, seconds: int, size: int, archive: str, failed: str) -> str:
    """The number of the run; the plan of this suite is made when it is not there yet."""
    if await work.session.scalar(select(BackupPlan.id).where(BackupPlan.no == rules.OURS)) is None:
        await plans.open(work, no=rules.OURS, name=_(N_("馆务通")), contents=_(N_("全部数据库、上传文件、签名密钥")))
    run = await runs.open(
        work, plan=rules.OURS, kind=kind, ended_at=work.now, seconds=seconds, bytes=size, archive=archive[:200], reason=failed[:500],
    )
    return str(run.no)


async def main(asked: argparse.Namespace) -> None:
    """One run into the configured database."""
    engine = new_engine(Settings.load("tech"), size=1)
    try:
        async with Works(new_sessions(engine), "tech").open() as work:
            number = await note(
                work, RunKind(asked.kind), seconds=asked.seconds, size=asked.bytes, archive=asked.archive, failed=asked.failed,
            )
    finally:
        await engine.dispose()
    print(number)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m services.tech.systems.backups.told", description=__doc__)
    parser.add_argument("--kind", choices=[kind.value for kind in RunKind], required=True)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=0)
    parser.add_argument("--archive", default="")
    parser.add_argument("--failed", default="", help="why; empty when all went well")
    speak_for("tech")
    asyncio.run(main(parser.parse_args()))
