"""Resources by itself with the demonstration library, for what is measured without the others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deploy.local.ports import free_port
from deploy.local.suite import Suite
from shared.settings import Settings
from shared.testing.tokens import jwks_file
from tests.support.infra import clear


@contextmanager
def resources_alone(part: str) -> Iterator[tuple[Suite, Settings]]:
    """The running department, and the settings of an application beside it that may do everything; gone with the block."""
    with ExitStack() as until_the_end:
        var = Path(until_the_end.enter_context(
            tempfile.TemporaryDirectory(prefix=f"guanwu-bench-{part}-", ignore_cleanup_errors=True)
        ))
        var.chmod(0o711)
        until_the_end.callback(clear, var)
        suite = Suite(var, free_port(), ("resources",), demo=True, password="bench-only-password", sip2=0, say=lambda _line: None)
        until_the_end.callback(suite.stop)
        suite.start()
        suite.await_demo()
        url = suite.database_url("resources", owner=True)
        yield suite, Settings(service="resources", database_url=url, data=var / "bench", jwks_url=jwks_file(var), migrate=False)
