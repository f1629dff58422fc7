"""Imported by the fork server alone: everything the programs of the suite have in common, set aside from the collector's rounds."""

import gc
import pkgutil
from importlib import import_module

import shared.events
import shared.web.register

gc.disable()
for package in (shared.events, shared.web.register):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(found.name)
for name in (
    "shared.service", "uvloop", "uvicorn.lifespan.on", "uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto", "sqlalchemy.dialects.postgresql.psycopg",
):  # fmt: skip
    import_module(name)
# Pages with frozen objects stay shared: a collection in a child would write to every one of them.
gc.collect()
gc.freeze()
