"""The tech department on its own."""

from __future__ import annotations

import pytest

from services.tech.app import service
from tests.support.departments import opened


@pytest.fixture
async def app(database, tmp_path):
    async with opened(service, database("tech"), tmp_path) as made:
        yield made


@pytest.fixture
def works(app):
    return app.state.kit.works
