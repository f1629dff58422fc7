"""The folder of one installation's secrets: made at the first start, kept for ever, never in git and in no image.

The folder is closed to others; the files in it can be read by anybody who gets that far, because containers
read them under user ids of their own.
"""

import json
import secrets
from pathlib import Path

from deploy.local.secrets import Secrets
from deploy.rights import PROVISION, SERVICES, rights

NODES = ("nats", "nats-2", "nats-3")


def prepare(folder: Path) -> bool:
    """Make what is missing; True when what NATS must know has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    kept = Secrets(folder / "secrets", mode=0o444)
    kept.password("postgres")
    kept.demo_password()
    for service in SERVICES:
        for role in ("owner", "app"):
            kept.kept(f"{service}_{role}_url", lambda who=f"{service}_{role}", db=service: _url(who, db))  # type: ignore[misc]
    for later in ("smtp_password", "oidc_client_secret", "union_password"):
        kept.kept(later, str)  # empty until somebody writes one
    for shown in ("tls", "backups"):
        (folder / shown).mkdir(exist_ok=True)
        (folder / shown).chmod(0o755)
    (folder / "bases").mkdir(exist_ok=True, mode=0o700)
    # PostgreSQL's user writes here; nobody else gets past the folder above, and no other container has it.
    (folder / "wal").mkdir(exist_ok=True)
    (folder / "wal").chmod(0o1777)
    keys = {name: kept.nkey_public(name) for name in (*SERVICES, PROVISION)}
    nats = folder / "nats"
    nats.mkdir(exist_ok=True)
    users = _written(nats / "users.conf", json.dumps(rights(keys), indent=1) + "\n")
    routes = _written(nats / "routes.conf", _routes(kept.password("routes")))
    nats.chmod(0o755)
    return users or routes


def _url(role: str, database: str) -> str:
    return f"postgresql://{role}:{secrets.token_urlsafe(24)}@postgres:5432/{database}"


def _routes(password: str) -> str:
    """How three nodes find each other; without the password any container could join them and say anything."""
    routes = "\n".join(f"    nats-route://node:{password}@{node}:6222" for node in NODES)
    return (
        'cluster {\n  name: guanwu\n  listen: "0.0.0.0:6222"\n'
        f'  authorization {{ user: node, password: "{password}", timeout: 5 }}\n  routes: [\n{routes}\n  ]\n}}\n'
    )


def _written(path: Path, text: str) -> bool:
    """Bring a file up to date, whole or not at all; whether it had to be."""
    if path.exists() and path.read_text() == text:
        return False
    draft = path.with_name(f".{path.name}")
    draft.write_text(text)
    draft.chmod(0o444)
    draft.replace(path)
    return True
