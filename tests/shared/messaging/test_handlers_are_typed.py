"""The type checker, not production, finds a handler that was registered for another fact."""

from pathlib import Path

import pytest
from mypy import api

CODE = """
from shared.events.reader import ItemLent, ItemShelved
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on({event})
async def note_on_shelved(work: Work, event: ItemShelved) -> None: ...
"""


@pytest.mark.slow
@pytest.mark.parametrize(("event", "accepted"), [("ItemShelved", True), ("ItemLent", False)])
def test_a_handler_takes_the_fact_it_is_registered_for(
    tmp_path: Path, event: str, *, accepted: bool
) -> None:
    source = tmp_path / "handler.py"
    source.write_text(CODE.format(event=event))
    said, _, code = api.run([str(source), "--follow-imports=silent"])
    assert (code == 0) is accepted, said
    if not accepted:
        assert "Callable[[Work, ItemLent]" in said
