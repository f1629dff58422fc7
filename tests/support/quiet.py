"""Wait for the moment when every department has heard all that was said."""

import psycopg

from deploy.local.processes import wait_until
from deploy.local.suite import Suite


def settle(suite: Suite, *, within: float = 60) -> None:
    """Return once nothing is on its way; name what is stuck when it takes too long."""
    behind: list[str] = []

    def quiet() -> bool:
        behind[:] = unheard(suite)
        return not behind

    assert wait_until(quiet, within=within, pause=0.2), f"still on their way after {within:.0f} s: {behind}"


def unheard(suite: Suite) -> list[str]:
    """What is still on its way, e.g. "office has heard 3 of 7 from tech"."""
    said: dict[str, int] = {}
    heard: dict[tuple[str, str], int] = {}
    found: list[str] = []
    for service in suite.services:
        with psycopg.connect(suite.database_url(service), autocommit=True) as link:
            for source, seq in link.execute("select source, seq from inbox_cursor").fetchall():
                heard[service, source] = seq
            row = link.execute(
                "select (select count(*) from outbox where seq is null),"
                " (select coalesce(max(seq), 0) from outbox)"
            ).fetchone()
        waiting, said[service] = row or (0, 0)
        if waiting:
            found.append(f"{service} has {waiting} unsent")
    return found + [
        f"{service} has heard {seq} of {said[source]} from {source}"
        for (service, source), seq in heard.items()
        if source in said and seq < said[source]
    ]
