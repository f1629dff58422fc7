"""A folder of real files of many systems, when it is at hand: through the job, nothing lost, no crash.

covers: RES-MGT-01, RES-ACQ-01
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from services.resources.cataloguing.imports.model import JobState
from services.resources.cataloguing.imports.runner import Runner
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.reading import read
from tests.resources.conftest import House

BESIDE = Path(__file__).resolve().parents[4] / "shared/data/marc"
FOLDER = Path(os.environ.get("GUANWU_MARC_DATA") or BESIDE)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the collection is not at hand")
async def test_every_record_of_every_file_is_added_known_or_refused(house: House):
    await house.place()
    runner = Runner(house.kit)
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.stat().st_size)
    for path in files:
        with path.open("rb") as file:
            told = Counter(
                "holdings" if isinstance(one, Accepted) and one.record.kind == "holdings" else type(one).__name__
                for one in read(file, name=path.name)
            )
        number = await house.hand_in(path, location="sk-2f")
        while await runner.once():
            pass
        job = await house.job(number)
        assert job.state is JobState.done, f"{path}: {job.error}"
        assert job.position == told.total(), path
        assert job.refused == told["Refused"] + told["holdings"], path
        assert job.added + job.duplicate == told["Accepted"], path
        numbered = await house.rows("SELECT count(*) FROM import_line WHERE job_id = :id", id=job.id)
        assert numbered[0][0] == told.total()
