"""Sample rows of bibliographic exchange: who we are to harvesters, who came, and where cataloguers look."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from services.resources.cataloguing.copying.model import Target, Version
from services.resources.cataloguing.copying.register import targets
from services.resources.cataloguing.oai import commands
from services.resources.cataloguing.oai.model import Harvest
from services.resources.cataloguing.oai.queries import settings_of
from services.resources.cataloguing.records.model import Instance
from shared.database import uuid7
from shared.demo import person
from shared.service import Kit

PICA = {"title_index": "pica.tit", "author_index": "pica.per", "isbn_index": "pica.isb", "any_index": "pica.all"}
TARGETS = (
    {"no": "lc", "name": "美国国会图书馆", "url": "http://lx2.loc.gov:210/LCDB", "protocol": Version.v11},
    {"no": "lc-z", "name": "美国国会图书馆（Z39.50）", "url": "z3950://lx2.loc.gov:210/LCDB", "protocol": Version.z3950,
     "record_schema": "usmarc"},
    {"no": "dnb", "name": "德国国家图书馆", "url": "https://services.dnb.de/sru/dnb", "protocol": Version.v11,
     "record_schema": "MARC21-xml", "title_index": "tit", "author_index": "per", "isbn_index": "num", "any_index": "woe"},
    {"no": "k10plus", "name": "德国 K10plus 联合目录", "url": "https://sru.k10plus.de/opac-de-627", "protocol": Version.v11, **PICA},
)


async def exchange(kit: Kit) -> None:
    """Once; a second run finds what is there."""
    async with kit.works.open(person("res-mgt")) as work:
        known = set(await work.session.scalars(select(Target.no)))
        own = {"no": "own", "name": "本馆目录（试用）", "url": f"{kit.settings.public_url}/sru", "inside": True,
               "record_schema": "marcxchange", "protocol": Version.v20}
        for one in (own, *TARGETS) if kit.settings.public_url else TARGETS:
            if one["no"] not in known:
                await targets.open(work, **one)
        if not (await settings_of(work.session)).domain:
            await commands.save_settings(
                work, open=True, name=kit.settings.library_name, mail="oai@lib.yunshan.edu.cn",
                domain="lib.yunshan.edu.cn", page_size="200",
            )
        if not await work.session.scalar(select(func.count()).select_from(Harvest)):
            size = await work.session.scalar(select(func.count()).select_from(Instance)) or 0
            for agent, network, prefix, days, done in (
                ("DiscoveryHarvester/3.2", "203.0.113.0/24", "oai_dc", 6, True),
                ("UnionCatalogue/1.9", "198.51.100.0/24", "cnmarcxml", 1, False),
            ):
                begun = work.now - timedelta(days=days)
                await commands.note_harvest(work, {
                    "id": uuid7(), "agent": agent, "network": network, "prefix": prefix, "set_spec": "", "from_at": None,
                    "until_at": None, "headers_only": False, "size": size, "records": size if done else min(200, size),
                    "done": done, "started_at": begun, "last_at": begun + timedelta(minutes=2),
                })
