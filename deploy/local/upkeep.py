"""Care of the databases of one installation: bring them up to date, write baselines, rebuild read models."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.backup import running_server
from deploy.local.databases import Roles, login, provide
from deploy.local.ports import Ports, free_port
from deploy.local.postgres import Postgres
from deploy.local.processes import clean_environment
from deploy.local.secrets import Secrets
from deploy.local.suite import ROOT
from deploy.rights import SERVICES
from shared import migrations
from shared.sealing.walk import across, walk
from shared.settings import Settings

Say = Callable[[str], None]


def migrate(var: Path, services: Sequence[str], say: Say) -> None:
    """Run every service's migrations, as its start would."""
    secrets = Secrets(var / "secrets")
    with running_server(var, say) as admin:
        for service in services:
            passwords = Roles(*(secrets.password(f"{service}_{role}") for role in ("owner", "app")))
            provide(admin, service, passwords)
            migrations.upgrade(service, login(admin, service, f"{service}_owner", passwords.owner))
            say(f"{service} is up to date")


def verify(var: Path, say: Say) -> int:
    """Walk every service's audit chain and compare what they told each other; 1 when something does not hold."""
    secrets, found = Secrets(var / "secrets"), {}
    with running_server(var, say) as admin:
        for service in SERVICES:
            url = login(admin, service, f"{service}_app", secrets.password(f"{service}_app"))
            found[service] = asyncio.run(walk(Settings(service=service, database_url=url)))
            for line in found[service].verdict.lines():
                say(f"{service}: {line}")
    torn = across(found)
    for finding in torn:
        say(str(finding))
    return int(bool(torn) or any(one.verdict.found for one in found.values()))


def tell_of_backup(var: Path, archive: Path, seconds: float, say: Say) -> None:
    """Write the backup into the register of the department that keeps the systems; it is good without that."""
    secrets = Secrets(var / "secrets")
    with running_server(var, say) as admin:
        told = {
            "GUANWU_SERVICE": "tech", "GUANWU_DATA": str(var / "files"),
            "GUANWU_DATABASE_URL": login(admin, "tech", "tech_app", secrets.password("tech_app")),
        }
        about = ["--kind", "backup", "--seconds", str(round(seconds)), "--bytes", str(archive.stat().st_size), "--archive", archive.name]
        command = [sys.executable, "-m", "services.tech.systems.backups.told", *about]
        done = subprocess.run(command, cwd=ROOT, env=clean_environment() | told, check=False, capture_output=True, text=True)
    say(f"written into the register as {done.stdout.strip()}" if done.returncode == 0 else "not written into the register of tech")


def baseline(service: str, say: Say) -> None:
    """Write the service's first migration anew, against an empty throw-away PostgreSQL."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        folder.chmod(0o711)  # PostgreSQL's own user has to get through
        server = Postgres(folder / "postgres", free_port(), "scratch", folder, folder / "log", durable=False, say=say)
        server.start()
        try:
            provide(server.url(), service, Roles("scratch", "scratch"))
            say(f"wrote {migrations.baseline(service, login(server.url(), service, f'{service}_owner', 'scratch'))}")
        finally:
            server.stop()


def replay(var: Path, service: str, source: str, say: Say) -> int:
    """Rebuild what a service has learnt from a department's events, while the suite runs."""
    secrets, port = Secrets(var / "secrets"), Ports(var / "ports.json").known
    with running_server(var, say) as admin:
        told = {
            "GUANWU_SERVICE": service,
            "GUANWU_DATABASE_URL": login(admin, service, f"{service}_app", secrets.password(f"{service}_app")),
            "GUANWU_OWNER_DATABASE_URL": login(
                admin, service, f"{service}_owner", secrets.password(f"{service}_owner")
            ),
            "GUANWU_NATS_URL": f"nats://127.0.0.1:{port['nats']}",
            "GUANWU_NATS_SEED": secrets.nkey_seed(service),
            "GUANWU_DATA": str(var / "files"),
        }
        command = [sys.executable, "-m", "shared.messaging.replay", "--service", service, "--source", source]
        return subprocess.run(command, cwd=ROOT, env=clean_environment() | told, check=False).returncode
