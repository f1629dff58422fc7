"""The demonstration library comes in through the cataloguer's own doors, once.

covers: RES-MGT-01
"""

from __future__ import annotations

import time

from services.resources.demo import duplicates
from services.resources.demo.seed import seed
from tests.resources.conftest import House


async def test_the_demonstration_library_is_loaded_once(house: House):
    begun = time.process_time()
    await seed(house.kit)
    spent = time.process_time() - begun
    counts = "SELECT (SELECT count(*) FROM instance), (SELECT count(*) FROM item), (SELECT count(*) FROM location)"
    first = tuple((await house.rows(counts))[0])
    assert first[0] == 498 + len(duplicates.CHANGES)  # those of the files, and some that were catalogued twice
    assert first[1] > 800
    assert first[2] == 10
    assert spent < 15
    stated = len(await house.said())
    await seed(house.kit)
    assert tuple((await house.rows(counts))[0]) == first
    assert len(await house.said()) == stated
