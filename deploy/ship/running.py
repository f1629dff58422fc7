"""Start, stop, look, and change how many there are."""

from collections.abc import Mapping
from pathlib import Path

from deploy.ship import state
from deploy.ship.engine import Engine, health_of, service_of
from deploy.ship.place import Place, Refused

READY_WITHIN = "600"
MOST = 20
ROOT_OF_CA = "caddy:/data/caddy/pki/authorities/local/root.crt"


def up(place: Place, wanted: Mapping[str, str]) -> int:
    """Everything that does not run yet, and what has changed since; comes back when all of it is ready."""
    place.begin(wanted)
    engine = Engine.at(place)
    running = bool(engine.containers())
    if not running:
        place.check_ports()
    rights_changed = state.prepare(place.state)
    build(place)
    place.say("starting; the first time this takes a minute or two")
    try:
        place.compose("up", "-d", "--no-build", "--remove-orphans", "--wait", "--wait-timeout", READY_WITHIN)
    except Refused as reason:
        raise Refused("\n".join([str(reason), *engine.troubles()])) from None
    if running and rights_changed:
        tell_nats(engine)
    print(_welcome(place), flush=True)
    return 0


def build(place: Place, **changes: str) -> None:
    """Images from the sources, where there are sources."""
    if place.has_sources:
        place.say("building the images (some minutes the first time)")
        place.compose("build", "--quiet", captured=False, **changes)


def tell_nats(engine: Engine) -> None:
    """Let running servers read who may say what anew."""
    for node in state.NODES:
        for container in engine.containers(node):
            container.kill(signal="HUP")


def down(place: Place) -> int:
    """Stop everything and keep all data."""
    place.compose("down", "--timeout", "60")
    place.say("stopped; the data stays in the volumes")
    return 0


def look(place: Place) -> int:
    """What runs, how well, from which image; 3 when something is missing or unwell."""
    engine = Engine.at(place)
    found = engine.containers()
    print(f"{place.project}   {place.settings['PUBLIC_URL']}")
    for one in found:
        print(f"  {one.name:32} {health_of(one):10} {one.attrs['Config']['Image']}")
    lasting = {name for name in place.compose("config", "--services", captured=True).split() if not _ends(name)}
    missing = sorted(lasting - {service_of(one) for one in found})
    if missing:
        print(f"  not running: {', '.join(missing)}")
    return 0 if not missing and all(health_of(one) == "healthy" for one in found) else 3


def scale(place: Place, service: str, number: int) -> int:
    """So many replicas of a service, from now on; the others are not touched."""
    if not 1 <= number <= MOST:
        raise Refused(f"N must be from 1 to {MOST}, not {number}")
    place.compose(
        "up", "-d", "--no-build", "--no-deps", "--no-recreate", "--wait", "--wait-timeout", READY_WITHIN,
        "--scale", f"{service}={number}", service,
    )  # fmt: skip
    place.set(f"{service.upper()}_REPLICAS", str(number))
    place.say(f"{service}: {number}")
    return 0


def first(place: Place, user: str) -> int:
    """The first account of an empty library."""
    place.compose("exec", "-T", "gateway", "python", "-m", "gateway.accounts.first", user)
    return 0


def _ends(service: str) -> bool:
    return service in {"folders", "databases", "streams"} or service.startswith("migrate-")


def _welcome(place: Place) -> str:
    told = place.settings
    lines = ["", f"  馆务通 Guanwu   {told['PUBLIC_URL']}", f"  self-check      {told['SIP2_LISTEN']}:{told['SIP2_PORT']} (SIP2)"]
    if "compose.z3950.yaml" in told["COMPOSE_FILE"]:
        lines.append(f"  catalogue       {told['Z3950_LISTEN']}:{told['Z3950_PORT']} (Z39.50)")
    if told["TLS"] == "own":
        lines.append(f"  trust           {own_authority(place)} is the root of its certificate")
    if told["DEMO"] == "1":
        password = (place.state / "secrets/demo").read_text().strip()
        lines.append(f"  demonstration   user names are post codes (rdr-dsk, res-dig, director …), password {password}")
    else:
        lines.append("  first account   make first USER=name")
    return "\n".join([*lines, "", "  make up-status looks, make down stops it, docker compose logs -f in deploy/ shows what is said", ""])


def own_authority(place: Place) -> Path:
    """Root certificate of our own authority, fetched to where people find it."""
    target = place.state / "own-ca.crt"
    place.compose("cp", ROOT_OF_CA, str(target), captured=True)
    target.chmod(0o644)
    return target
