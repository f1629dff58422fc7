"""What we ask of the Docker Engine itself."""

import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import DockerException

from deploy.ship.place import Place, Refused

OLDEST_COMPOSE = (2, 20)
# A stopping PostgreSQL may take two minutes; the answer comes when it has.
PATIENCE = 300


@dataclass
class Engine:
    """The engine, seen through one installation."""

    client: Any
    place: Place

    @classmethod
    def at(cls, place: Place) -> "Engine":
        """The engine of this machine, or a sentence why there is none."""
        try:
            client = docker.from_env(timeout=PATIENCE)
            client.ping()
        except DockerException as reason:
            raise Refused(f"No Docker Engine answers here ({reason}); start it, or install docker-ce and docker-compose-plugin.") from None
        _check_compose()
        return cls(client, place)

    def containers(self, service: str = "", *, all_states: bool = False) -> list[Any]:
        """Containers of the installation, or of one service, in the order of their numbers; no one-off runs."""
        labels = [f"com.docker.compose.project={self.place.project}", "com.docker.compose.oneoff=False"]
        if service:
            labels.append(f"com.docker.compose.service={service}")
        found = self.client.containers.list(all=all_states, filters={"label": labels})
        return sorted(found, key=lambda one: (service_of(one), int(one.labels["com.docker.compose.container-number"])))

    def one(self, service: str) -> Any:
        """A running container of a service."""
        found = self.containers(service)
        if not found:
            raise Refused(f"{service} does not run; make up starts it")
        return found[0]

    def troubles(self) -> list[str]:
        """Last words of every container that ended badly or is not well."""
        lines: list[str] = []
        for one in self.containers(all_states=True):
            state = one.attrs["State"]
            failed = state["Status"] == "exited" and state["ExitCode"] != 0
            if failed or state["Status"] == "restarting" or health_of(one) == "unhealthy":
                said = one.logs(tail=12).decode(errors="replace").rstrip()
                lines += [f"{one.name} ({state['Status']}, exit code {state['ExitCode']}):", *(f"    {line}" for line in said.splitlines())]
        return lines


def service_of(container: Any) -> str:
    """Which service a container belongs to."""
    return str(container.labels["com.docker.compose.service"])


def health_of(container: Any) -> str:
    """`healthy`, `starting`, `unhealthy`, or the plain state where nothing is checked."""
    state = container.attrs["State"]
    return str(state.get("Health", {}).get("Status", state["Status"]) if state["Status"] == "running" else state["Status"])


def _check_compose() -> None:
    try:
        told = subprocess.run(["docker", "compose", "version", "--format", "json"], capture_output=True, text=True, check=True)
        version = str(json.loads(told.stdout)["version"]).lstrip("v")
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
        raise Refused("docker compose is missing: install the package docker-compose-plugin (not the old docker-compose).") from None
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if not numbers or (int(numbers[1]), int(numbers[2])) < OLDEST_COMPOSE:
        raise Refused(f"docker compose {version} is too old; the suite needs {'.'.join(map(str, OLDEST_COMPOSE))} or newer.")
