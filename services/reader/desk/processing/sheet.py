"""Labels drawn on a sheet: typst with our own fonts, off the loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.reader.desk.processing.rules import FontsMissing

SOURCE = Path(__file__).with_name("labels.typ")


def _draw(labels: Sequence[dict[str, Any]], skip: int, fonts: Path) -> bytes:
    import typst  # 7 MB, for a sheet printed now and then

    data = json.dumps({"labels": list(labels), "skip": skip}, ensure_ascii=False)
    drawn = typst.compile(
        SOURCE, font_paths=[fonts], ignore_system_fonts=True, sys_inputs={"data": data}, format="pdf",
    )
    assert isinstance(drawn, bytes)
    return drawn


async def sheet(labels: Sequence[dict[str, Any]], *, fonts: Path, skip: int = 0) -> bytes:
    """A PDF of the labels; the first `skip` places of a sheet begun before stay empty."""
    if not any(fonts.glob("*.ttf")):
        raise FontsMissing
    return await asyncio.to_thread(_draw, labels, skip, fonts)
