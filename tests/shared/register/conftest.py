"""A real database with the example's tables, and clients who act as somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import text

from deploy.local.databases import at
from shared.database import KIT, new_engine
from shared.identity import Actor
from shared.messaging.ddl import STATEMENTS
from shared.settings import Settings
from shared.testing.tokens import headers, jwks_file
from tests.shared.register import example

APPLICANT = Actor("S001", "林晓雯", posts=("RDR-DSK",), dept="reader")
OTHER = Actor("S002", "周文彬", posts=("RDR-REF",), dept="reader")
HEAD = Actor("S010", "陈思远", posts=("OFF-ADM",), dept="office")
KEEPER = Actor("S011", "罗敏", posts=("OFF-GEN",), dept="office")
PATRON = Actor("P001", "王读者", kind="patron")


@pytest.fixture(scope="session")
async def example_url(infra) -> str:
    name = f"example_register_{infra.worker}"
    with psycopg.connect(infra.pg_admin_dsn, autocommit=True) as admin:
        admin.execute(f"drop database if exists {name} with (force)")
        admin.execute(f"create database {name}")
    url = at(infra.pg_admin_dsn, name)
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("create extension if not exists pg_trgm")
    engine = new_engine(Settings(service="office", database_url=as_url(url)))
    async with engine.begin() as connection:
        await connection.run_sync(KIT.create_all)
        await connection.run_sync(example.Base.metadata.create_all)
        for statement in STATEMENTS:
            await connection.execute(text(statement))
    await engine.dispose()
    return as_url(url)


def as_url(dsn: str) -> str:
    """The DSN as the address the settings take."""
    if "://" in dsn:
        return dsn
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    place = f"{parts['host']}:{parts.get('port', 5432)}"
    if str(parts["host"]).startswith("/"):
        return f"postgresql://{parts['user']}:{parts.get('password', '')}@/{parts['dbname']}?host={parts['host']}&port={parts.get('port', 5432)}"
    return f"postgresql://{parts['user']}:{parts.get('password', '')}@{place}/{parts['dbname']}"


@pytest.fixture
async def app(example_url: str, tmp_path: Path) -> AsyncIterator[object]:
    settings = Settings(
        service="office", database_url=example_url, data=tmp_path / "data", jwks_url=jwks_file(tmp_path), migrate=False,
    )
    made = example.service.app(settings)
    kit = made.state.kit
    async with kit.sessions() as session:
        names = [t.name for t in (*KIT.sorted_tables, *example.Base.metadata.sorted_tables)]
        await session.execute(text("truncate " + ", ".join(f'"{n}"' for n in names)))
        await session.commit()
    yield made
    await kit.engine.dispose()


@pytest.fixture
async def client(app) -> AsyncIterator[Callable[[Actor], httpx.AsyncClient]]:
    """`client(HEAD)` acts as that person; each call is a browser of its own."""
    open_clients = []

    def make(actor: Actor | None = None, **more: str) -> httpx.AsyncClient:
        found = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://office.test",
            headers={**(headers(actor, "office") if actor else {}), **more},
        )
        open_clients.append(found)
        return found

    yield make
    for one in open_clients:
        await one.aclose()


# The example's own words; the kit's come from its catalogue.
WORDS = {
    "草稿": "Draft", "待审批": "To approve", "待发放": "To issue", "已发放": "Issued", "已驳回": "Rejected", "普通": "Normal",
    "加急": "Urgent", "物品": "Item", "输入名称或扫描物资条码": "Type a name or scan a barcode", "数量": "Quantity", "件": "pcs",
    "金额": "Amount", "紧急程度": "Urgency", "部门": "Department", "需用日期": "Needed on", "用途": "Purpose",
    "附件": "Papers", "需用日期不能早于今天": "Cannot be in the past", "驳回原因": "Reason", "库存不足": "Out of stock",
    "办公用品申领": "Requisitions", "保障": "Supplies", "申领人": "Applicant", "提交": "Submit", "批准": "Approve",
    "驳回": "Reject", "发放": "Issue", "发放后库存即扣减，确定吗？": "Issue it?", "编码": "Code", "名称": "Name",
    "库存": "On hand", "单价": "Price", "物资目录": "Stock", "编号": "No.", "办公室": "General Office",
    "提交、审批、发放全程留痕；发放后自动扣减库存": "Submit, approve, issue",
}


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kit's catalogue as its source stands now, and the example's words."""
    from gettext import GNUTranslations, NullTranslations
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    from shared import i18n

    with (i18n.ROOT / "shared/locale/en.po").open("rb") as file:
        words = read_po(file, locale="en")
    for said, meant in WORDS.items():
        words.add(said, meant)
    buffer = BytesIO()
    write_mo(buffer, words)
    buffer.seek(0)
    known = {"en": GNUTranslations(buffer), "zh": NullTranslations()}
    monkeypatch.setattr(i18n, "catalogue", known.__getitem__)
