"""What a process is told from outside, read once from `GUANWU_*` environment variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

LOCAL = ZoneInfo("Asia/Shanghai")
DEPARTMENTS = ("office", "resources", "tech", "reader", "institute")


def told(name: str) -> str | None:
    """One setting; in production secrets come from files, and GUANWU_X_FILE names the one that holds X."""
    if path := os.environ.get(f"GUANWU_{name.upper()}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(f"GUANWU_{name.upper()}")


class Settings(BaseModel, frozen=True):
    """The settings of one process; every field is `GUANWU_` + its name in upper case."""

    service: str
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = Field(repr=False)
    owner_database_url: str = Field(default="", repr=False)
    nats_url: str = "nats://127.0.0.1:4222"
    nats_seed: str = Field(default="", repr=False)
    data: Path = Path("var/data")
    # Where archives of backups can be seen by the gateway; without it: `backups` beside `data`.
    backups: Path | None = None
    static: Path = Path("dist/static")
    jwks_url: str = ""
    services: str = ""
    public_url: str = ""
    demo: bool = False
    demo_password: str = Field(default="", repr=False)
    log: str = "console"
    # Collector of traces (OTLP over HTTP), such as http://collector:4318/v1/traces; empty: none are made. `traces_share` of the requests.
    traces: str = ""
    traces_share: float = Field(default=1, ge=0, le=1)
    library_name: str = "云山大学图书馆"
    library_name_en: str = "Yunshan University Library"
    pool_size: int = 10
    migrate: bool = True
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    # Mail to patrons (reader service). Without a host no mail goes out and notices stay in the accounts.
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "ssl", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    smtp_from: str = ""
    smtp_timeout: float = Field(default=20, gt=0, le=60)
    smtp_per_minute: int = Field(default=60, gt=0)
    # Password of the account at the union catalogue (resources service).
    union_password: str = Field(default="", repr=False)

    @classmethod
    def load(cls, service: str | None = None, **overrides: object) -> Settings:
        """Settings from the environment; `overrides` win (tests)."""
        said = {name: told(name) for name in cls.model_fields}
        found: dict[str, object] = {name: value for name, value in said.items() if value is not None}
        if service:
            found["service"] = service
        return cls.model_validate({**found, **overrides})

    @property
    def addresses(self) -> dict[str, str]:
        """Department → base address, as the gateway is told them."""
        pairs = (part.split("=", 1) for part in self.services.split(",") if "=" in part)
        return {name.strip(): url.strip().rstrip("/") for name, url in pairs}

    def sqlalchemy_url(self, *, owner: bool = False) -> str:
        """The DSN for SQLAlchemy with our one driver, psycopg 3."""
        url = (self.owner_database_url or self.database_url) if owner else self.database_url
        return url.replace("postgresql://", "postgresql+psycopg://", 1)
