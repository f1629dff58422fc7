"""A new version without an interruption: new replicas first, and the old ones go when the new are well.

Migrations run before, while the old version still works: they only add, and what is no longer used is removed
by a later release. That is also why the way back needs no migration: `make upgrade TAG=<the former>`.
"""

from deploy.rights import SERVICES
from deploy.ship import running, state
from deploy.ship.engine import Engine
from deploy.ship.place import Place, Refused

ONCE = ("databases", "streams", *(f"migrate-{service}" for service in SERVICES))
GRACE = 45


def upgrade(place: Place, tag: str) -> int:
    """Bring the running suite to another version of our images."""
    engine = Engine.at(place)
    if not engine.containers("gateway"):
        raise Refused("nothing runs here; make up starts it")
    former = place.settings["TAG"]
    if not place.has_sources:
        _check_images(engine, tag)
    if state.prepare(place.state):
        running.tell_nats(engine)
    if tag != former or place.has_sources:
        running.build(place, TAG=tag)
    for job in ONCE:
        place.say(f"{job}")
        place.compose("run", "--rm", "--no-deps", "-T", job, TAG=tag, captured=True)
    for service in SERVICES:
        replace(engine, service, tag)
    # From here on the new version is what runs, whatever happens to the doors.
    place.set("TAG", tag)
    doors = ["selfcheck", *(["z3950"] if engine.containers("z3950") else []), *(["caddy"] if _differs(engine, "caddy") else [])]
    place.compose("up", "-d", "--no-build", "--no-deps", "--wait", "--wait-timeout", running.READY_WITHIN, *doors)
    engine.one("caddy").exec_run(["caddy", "reload", "--config", "/etc/caddy/Caddyfile", "--address", "unix//tmp/admin.sock"])
    place.say(f"runs {tag}; back with make upgrade TAG={former}" if tag != former else f"runs {tag}")
    return 0


def replace(engine: Engine, service: str, tag: str) -> None:
    """As many new replicas beside the old ones; when all are well the old ones finish what they do and go."""
    place = engine.place
    old = engine.containers(service)
    wanted = int(place.settings[f"{service.upper()}_REPLICAS"])
    place.say(f"{service}: {wanted} new beside {len(old)}")
    try:
        _up(place, service, len(old) + wanted, tag)
    except Refused as reason:
        words = engine.troubles()
        kept = {one.id for one in old}
        for one in engine.containers(service, all_states=True):
            if one.id not in kept:
                one.remove(force=True)
        raise Refused("\n".join([f"{service} of {tag} does not get well; the former version serves on ({reason})", *words])) from None
    for one in old:
        one.stop(timeout=GRACE)
        one.remove()
    _up(place, service, wanted, tag)


def _up(place: Place, service: str, number: int, tag: str) -> None:
    place.compose(
        "up", "-d", "--no-build", "--no-deps", "--no-recreate", "--wait", "--wait-timeout", running.READY_WITHIN,
        "--scale", f"{service}={number}", service, TAG=tag,
    )  # fmt: skip


def _differs(engine: Engine, service: str) -> bool:
    """Whether a service is asked for in another way than it runs; left alone otherwise.

    Asked by ourselves, because some versions of compose count what a service waits for as part of it, which `--no-deps` leaves out.
    """
    told = engine.place.compose("config", "--hash", service, captured=True).split()[-1]
    return bool(engine.one(service).labels["com.docker.compose.config-hash"] != told)


def _check_images(engine: Engine, tag: str) -> None:
    there = {name for image in engine.client.images.list() for name in image.tags}
    missing = [name for service in SERVICES if (name := f"guanwu-{service}:{tag}") not in there]
    if missing:
        raise Refused(f"There is no {', '.join(missing)} on this machine; load the bundle of that version first.")
