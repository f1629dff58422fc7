"""How fast patrons find things among 78,766 real works, and how fast the catalogue takes them up.

`python -m tests.bench.search [catalogue.csv.gz]` prints the figures; `--million` goes on to a million records
made of the same real titles. The file is named by
GUANWU_BIB_DATA or found beside the project; without it there is nothing to measure.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import itertools
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.databases import EXTENSIONS
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from services.reader.desk.items import handlers as items
from services.reader.desk.items.model import Item
from services.reader.discovery.catalogue import handlers as catalogue
from services.reader.discovery.catalogue import rules
from services.reader.discovery.catalogue.asking import Asked, asked
from services.reader.discovery.catalogue.availability import availability_of
from services.reader.discovery.catalogue.listing import suggestions
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.queries import records, search
from services.reader.discovery.catalogue.spelling import vocabulary
from services.reader.discovery.catalogue.statement import CAP
from shared.database import new_engine, new_sessions, uuid7
from shared.events.base import Envelope
from shared.events.resources import ItemCatalogued, RecordAdded
from shared.messaging.handlers import Handlers
from shared.migrations import upgrade
from shared.settings import Settings
from shared.work import Works

ROOT = Path(__file__).resolve().parents[2]
BATCH = 500
# The Library of Congress class says roughly which main class of the CLC a work is in.
CLC = {
    "A": "Z2", "B": "B97", "C": "K81", "D": "K5", "E": "K712", "F": "K71", "G": "K9", "H": "F1", "J": "D5",
    "K": "D9", "L": "G4", "M": "J6", "N": "J1", "P": "I561", "Q": "N49", "R": "R1", "S": "S1", "T": "TB1",
    "U": "E1", "V": "U6", "Z": "G25",
}
MILLION = 1_000_000
_TEACH = text(
    "INSERT INTO catalogue_word (word, sound) SELECT * FROM unnest(CAST(:words AS text[]), CAST(:sounds AS text[])) "
    "ON CONFLICT DO NOTHING"
)
PLACES = (("sk-2f", "二层社科库"), ("wy-2f", "二层文艺库"), ("zk-3f", "三层自科库"), ("ww-4f", "四层外文库"))


def data() -> Path | None:
    """The catalogue to load, if it can be found."""
    places = (Path(os.environ.get("GUANWU_BIB_DATA", "")), ROOT.parent / "shared/data/bib")
    for place in places:
        path = place / "gutenberg-catalogue.csv.gz" if place.is_dir() else place
        if path.is_file():
            return path
    return None


def batches(source: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """The source in lists of that many."""
    while group := list(itertools.islice(source, size)):
        yield group


def works(path: Path) -> Iterator[tuple[RecordAdded, list[ItemCatalogued]]]:
    """Every work as the facts resources would state; copies are made up, one or two a work."""
    chance = random.Random(1)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for n, line in enumerate(csv.DictReader(file), 1):
            heads = [re.sub(r"\s*\[[^]]*\]", "", a).strip() for a in line["authors"].split(" | ") if a.strip()]
            born = re.search(r"\[(\d{4})", line["authors"])
            year = int(born[1]) + chance.randint(25, 60) if born else chance.randint(1850, 1990)
            mark = CLC.get(line["lcc"][:1], "Z1")
            call = f"{mark}/{n % 900 + 1}" if line["language"] != "zh" else f"I242/{n % 900 + 1}"
            title, _, rest = " ".join(line["title"].split()).partition(" : ")
            isbn = "9787" + f"{n:08d}"
            isbn += str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(isbn)) % 10)
            instance = str(UUID(int=n))
            yield RecordAdded(
                instance_id=instance, number=f"B{n:07d}", title=title or "—", title_rest=rest,
                responsibility="; ".join(heads), authors=tuple(heads), publisher="Project Gutenberg",
                year=min(year, 2024), language=line["language"][:3], isbns=(isbn,), clc=mark, call_number=call,
                subjects=tuple(s.strip() for s in line["lcsh"].split(" | ") if s.strip())[:20],
            ), [
                ItemCatalogued(
                    item_id=str(uuid7()), barcode=f"G{n:07d}{copy}", title=title or "—", call_number=call,
                    location=(place := chance.choice(PLACES))[0], location_name=place[1], instance_id=instance,
                    price_cents=3000, copy_no=copy,
                )
                for copy in range(1, chance.choice((2, 2, 3)))
            ]


async def load(opened: Works, path: Path, *, through: int = 2000) -> dict[str, Any]:
    """Take the works up: the first through the handlers as the inbox would, the rest in bulk by the same rules."""
    heed = Handlers().include(items.handlers, catalogue.handlers)
    source, seq, started = works(path), 0, time.perf_counter()
    for group in batches(itertools.islice(source, through), BATCH):
        async with opened.open() as work:
            for event in itertools.chain.from_iterable([record, *copies] for record, copies in group):
                seq += 1
                work.cause = envelope = Envelope(
                    event_id=uuid7(), name=event.name, version=event.version, source="resources", seq=seq,
                    at=work.now, actor="system", actor_kind="system",
                )
                await heed.handle(work, envelope, event.model_dump(mode="json"))
    rate = round(seq / (time.perf_counter() - started))
    started, total = time.perf_counter(), through
    for group in batches(source, BATCH):
        total += len(group)
        async with opened.open() as work:
            shown = {"added_at": work.now, "suppressed": False, "emptied": False}
            await work.session.execute(insert(CatalogueRecord), [{**rules.row(r), **shown} for r, _copies in group])
            words = {w: heard for r, _copies in group for w, heard in vocabulary(r).items()}
            await work.session.execute(_TEACH, {"words": sorted(words), "sounds": [words[w] for w in sorted(words)]})
            await work.session.execute(insert(Item), [
                {
                    "id": UUID(copy.item_id), "barcode": copy.barcode, "instance_id": copy.instance_id,
                    "title": copy.title, "call_number": copy.call_number, "location": copy.location,
                    "location_name": copy.location_name, "copy_no": copy.copy_no, "price_fen": copy.price_cents,
                }
                for _record, copies in group for copy in copies
            ])
    return {
        "works": total, "events_per_second_by_handlers": rate,
        "works_per_second_in_bulk": round((total - through) / (time.perf_counter() - started)),
    }


def questions(sample: list[RecordAdded]) -> dict[str, list[Asked]]:
    """About two hundred questions of the kinds people ask, made from works that are there."""
    chance = random.Random(7)

    def some(n: int) -> list[RecordAdded]:
        return chance.sample(sample, n)

    def of(*addresses: dict[str, str]) -> list[Asked]:
        return [asked(address) for address in addresses]

    authored = [r for r in sample if r.authors]
    return {
        "chinese": of(*({"q": q} for q in ("红楼梦", "紅樓夢", "三国", "西游记", "儒林外史", "论语", "孙子", "水滸傳", "史记", "聊斋"))),
        "pinyin": of(*({"q": q} for q in ("hlm", "sgyy", "xyj", "rlws", "ly", "szbf", "sh", "lzzy", "jpm", "fsyy"))),
        "title": of(*({"q": " ".join(r.title.split()[:4])} for r in some(30))),
        "word": of(*({"q": q} for q in (
            "history", "the", "love story", "natural history", "war", "poems", "american", "letters",
            "travels in", "of the", "life", "a", "science", "children", "the history of england",
        ))),
        "author": of(*({"q": r.authors[0].split(",")[0], "in": "author"} for r in chance.sample(authored, 25))),
        "subject": of(*({"q": r.subjects[0].split(" -- ")[0], "in": "subject"} for r in some(20) if r.subjects)),
        "isbn": of(*({"q": r.isbns[0]} for r in some(10)), *({"q": r.isbns[0], "in": "isbn"} for r in some(10))),
        "call": of(*({"q": q, "in": "call"} for q in (
            "I561", "TB1", "I242/12", "K7", "F1", "G25~G4", "B97/1", "N49", "I", "Q1",
        ))),
        "facets": of(
            *({"q": "history", "language": lang} for lang in ("eng", "fre", "ger")),
            *({"q": "story", "decade": decade} for decade in ("1880", "1900", "1910")),
            *({"q": "love", "location": place} for place, _name in PLACES), {"q": "war", "free": "1"},
            {"clc": "I"}, {"clc": "K"}, {"language": "chi"}, {"language": "fin", "sort": "title"},
            {"clc": "I", "free": "1", "sort": "year"}, {"location": "ww-4f"}, {"decade": "1890", "clc": "B"},
        ),
        "sorted": of(*({"q": q, "sort": sort} for q in ("history", "the", "life") for sort in ("year", "title", "call"))),
        "prefix": of(*({"q": q} for q in ("ch", "st", "wa", "qu", "zy", "in", "co", "re", "sh", "ma"))),
        "later pages": of(*({"q": "history", "page": str(page)} for page in (2, 10, 50, 120)), {"q": "the", "page": "9"}),
        "fields": of(*({"q": f'author:{r.authors[0].split(",")[0]} title:{r.title.split()[0]}'} for r in chance.sample(authored, 10))),
        "phrase": of(*({"q": q} for q in ('"history of england"', '"natural history"', '"the love"', '"war and peace"', '"history the"'))),
        "years": of(*({"q": q, "years": "1880-1899"} for q in ("history", "the", "love")), {"years": "1850-"}),
        "slips": of(*({"q": q} for q in ("shakespere", "philosofy", "红搂梦", "三国眼义", "histroy of englnad", "prejudise"))),
        "nothing": of(*({"q": q} for q in (
            "qwertyuiop zzz", "不存在的书名甲乙丙", "9787000000000", "xyzzy", "＊＊＊", "Z999/1", "囧囧囧", "history qqqqq",
        ))),
    }


async def ask(opened: Works, sample: list[RecordAdded], *, rounds: int = 2) -> dict[str, Any]:
    """Milliseconds from question to a page of described, located works."""
    every: list[float] = []
    raw: list[float] = []
    kinds: dict[str, Any] = {}
    async with opened.sessions() as session:
        for record in sample[::400]:  # the least any question can cost here: one row by its key
            started = time.perf_counter()
            await records(session, [record.instance_id])
            raw.append(time.perf_counter() - started)
        for kind, asks in questions(sample).items():
            times = []
            for turn in range(rounds + 1):
                for one in asks:
                    started = time.perf_counter()
                    found = await search(session, one)
                    page = await records(session, found.ids)
                    await availability_of(session, [r.instance_id for r in page])
                    if kind == "slips":  # the help costs the patron time as well
                        await suggestions(session, one)
                    if turn:  # the first round warms caches and plans, as the first minutes of a day do
                        times.append(time.perf_counter() - started)
            kinds[kind] = {"n": len(asks), "p50_ms": _quantile(times, 0.5), "p95_ms": _quantile(times, 0.95)}
            every += times
    return {
        "questions": sum(k["n"] for k in kinds.values()), "p50_ms": _quantile(every, 0.5),
        "p95_ms": _quantile(every, 0.95), "p99_ms": _quantile(every, 0.99),
        "max_ms": _quantile(every, 1), "kinds": kinds, "looked_at_most": CAP,
        "one_row_by_key_p50_ms": _quantile(raw, 0.5), "one_row_by_key_p95_ms": _quantile(raw, 0.95),
    }


def _quantile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


async def multiply(engine: AsyncEngine, wanted: int = MILLION) -> dict[str, Any]:
    """More records of the same titles under new numbers, as a large library has editions; indexes built afterwards."""
    started = time.perf_counter()
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as link:
        await link.exec_driver_sql("SET statement_timeout = 0")
        have = (await link.exec_driver_sql("SELECT count(*) FROM catalogue_record")).scalar_one()
        again = (await link.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('catalogue_record', 'item') "
            "AND indexname LIKE 'ix_%%'"
        )).all()
        for name, _sql in again:
            await link.exec_driver_sql(f'DROP INDEX "{name}"')
        columns = [c.key for c in CatalogueRecord.__table__.columns]
        made = {
            "instance_id": "instance_id || '-' || k", "number": "number || '-' || k", "year": "year + k %% 7",
            "added_at": "added_at - make_interval(days => k)", "call_key": "call_key || lpad(k::text, 2, '0')",
        }
        copied = [c.key for c in Item.__table__.columns]
        remade = {
            "id": "gen_random_uuid()", "barcode": "barcode || '-' || k", "instance_id": "instance_id || '-' || k",
        }
        for table, names, new in (("catalogue_record", columns, made), ("item", copied, remade)):
            to, of = ", ".join(f'"{n}"' for n in names), ", ".join(new.get(n, f'"{n}"') for n in names)
            rest = f"instance_id IN (SELECT instance_id FROM few) OR k < {wanted // have}"
            await link.exec_driver_sql(
                f"WITH few AS MATERIALIZED (SELECT instance_id FROM catalogue_record WHERE length(instance_id) = 36 "
                f"ORDER BY instance_id LIMIT {wanted % have}) INSERT INTO {table} ({to}) SELECT {of} FROM {table}, "
                f"generate_series(1, {wanted // have}) k WHERE length(instance_id) = 36 AND ({rest})"
            )
        await link.exec_driver_sql("SET maintenance_work_mem = '512MB'")
        for _name, sql in again:
            await link.exec_driver_sql(sql)
        for table in ("catalogue_record", "item"):
            await link.exec_driver_sql(f"VACUUM ANALYZE {table}")
        total = (await link.exec_driver_sql("SELECT count(*) FROM catalogue_record")).scalar_one()
        size = (await link.exec_driver_sql("SELECT pg_total_relation_size('catalogue_record') >> 20")).scalar_one()
    return {"works": total, "catalogue_mb": size, "seconds_to_make": round(time.perf_counter() - started)}


async def measure(path: Path | str | None = None, *, million: bool = False) -> dict[str, Any]:
    """Load into a scratch database, ask, and say what was seen; `{"skipped": …}` without the data."""
    source = Path(path) if path else data()
    if source is None or not source.is_file():
        return {"skipped": "no catalogue file: name it in GUANWU_BIB_DATA"}
    with ExitStack() as until_the_end:
        folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = Postgres(folder / "pg", free_port(), "bench", folder / "run", folder / "pg.log")
        postgres.start()
        until_the_end.callback(postgres.stop)
        url = postgres.url()
        engine = new_engine(Settings(service="reader", database_url=url))
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as link:
            for extension in EXTENSIONS:
                await link.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        await asyncio.to_thread(upgrade, "reader", url)
        opened = Works(new_sessions(engine), "reader")
        try:
            loaded = await load(opened, source)
            async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as link:
                for table in ("catalogue_record", "catalogue_word", "item"):
                    await link.exec_driver_sql(f"VACUUM ANALYZE {table}")
            sample = [record for record, _copies in works(source)]
            seen = {**loaded, **await ask(opened, sample)}
            if million:
                print(json.dumps(seen, ensure_ascii=False), file=sys.stderr)  # the rest takes minutes
                seen["million"] = {**await multiply(engine), **await ask(opened, sample)}
            return seen
        finally:
            await engine.dispose()


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if not word.startswith("--")]
    seen = asyncio.run(measure(named[0] if named else None, million="--million" in sys.argv))
    print(json.dumps(seen, indent=1, ensure_ascii=False))
