"""What tests ask of a running installation."""

import os
import signal
import ssl
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.processes import wait_until
from deploy.rights import SERVICES
from deploy.ship import running
from deploy.ship.engine import Engine, health_of
from deploy.ship.place import Place

PYTHON_TELLS = ["python", "-c"]


@dataclass
class Shipped:
    """One installation that runs."""

    place: Place
    engine: Engine

    @property
    def base_url(self) -> str:
        return self.place.settings["PUBLIC_URL"]

    @property
    def password(self) -> str:
        return (self.place.state / "secrets/demo").read_text().strip()

    @cached_property
    def authority(self) -> Path:
        return running.own_authority(self.place)

    @property
    def trust(self) -> ssl.SSLContext:
        """What a campus machine trusts."""
        return ssl.create_default_context(cafile=str(self.authority))

    def ask(self, database: str, question: str) -> list[list[str]]:
        """Rows of an answer, as the administrator sees them."""
        postgres = self.engine.one("postgres").id
        done = subprocess.run(
            ["docker", "exec", postgres, "psql", "-XqAt", "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", question],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [line.split("|") for line in done.stdout.splitlines()]

    def inside(self, service: str, *command: str) -> tuple[int, str]:
        """Exit code and output of a program run in a service's container, as the service's user."""
        code, said = self.engine.one(service).exec_run(list(command))
        return code, said.decode()

    def still_loading(self) -> list[str]:
        """Services whose demonstration data is not there yet."""
        ready = b"demonstration data ready"
        return [name for name in SERVICES if not any(ready in one.logs() for one in self.engine.containers(name))]

    def unheard(self) -> list[str]:
        """What is still on its way between the departments."""
        said: dict[str, int] = {}
        heard: dict[tuple[str, str], int] = {}
        found: list[str] = []
        for service in SERVICES:
            ((waiting, last),) = self.ask(service, "select count(*) filter (where seq is null), coalesce(max(seq), 0) from outbox")
            said[service] = int(last)
            heard |= {(service, source): int(seq) for source, seq in self.ask(service, "select source, seq from inbox_cursor")}
            if int(waiting):
                found.append(f"{service} has {waiting} unsent")
        return found + [
            f"{service} has heard {seq} of {said[source]} from {source}"
            for (service, source), seq in heard.items() if source in said and seq < said[source]
        ]

    def settle(self, *, within: float = 60) -> None:
        """Return once every department has heard all that was said."""
        assert wait_until(lambda: not self.unheard(), within=within, pause=0.5), self.unheard()

    def kill(self, service: str) -> None:
        """End the first container of a service as a power cut would; the engine starts it again by itself.

        By the process and not by `docker kill`, which would count as wished and leave it down.
        """
        container = self.engine.one(service)
        pid = container.attrs["State"]["Pid"]
        assert pid > 1, "0 would kill the caller's own process group"
        os.kill(pid, signal.SIGKILL)

        def back() -> bool:
            container.reload()
            now = container.attrs["State"]["Pid"]
            return now not in {0, pid} and health_of(container) == "healthy"

        assert wait_until(back, within=240, pause=0.5), f"{service} did not come back"

    def number(self, service: str) -> int:
        """How many containers of a service are well."""
        return sum(health_of(one) == "healthy" for one in self.engine.containers(service))


def campus_certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate of an authority the campus has of its own, where Caddy looks for it: (its key, who trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    shown = folder / "key.pem"
    shown.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))
    shown.chmod(0o444)
    return shown, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
