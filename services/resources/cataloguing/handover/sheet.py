"""The list that travels in the box: A4, page by page, drawn by typst with our own fonts, off the loop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from shared.i18n import N_
from shared.refusals import Refusal

SOURCE = Path(__file__).with_name("list.typ")


class FontsMissing(Refusal):
    """The files a list is drawn with come with the front-end files."""

    code = "fonts-missing"
    status = 503
    message = N_("打印字体没有安装，请技术部重新生成前端文件")


def _draw(data: dict[str, Any], fonts: Path) -> bytes:
    import typst  # 7 MB, for a sheet printed now and then

    drawn = typst.compile(
        SOURCE, font_paths=[fonts], ignore_system_fonts=True, format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(drawn, bytes)
    return drawn


async def sheet(data: dict[str, Any], *, fonts: Path) -> bytes:
    """A PDF of `data`: title, facts [[label, value]], heads, rows, foot and signatures, all in words."""
    if not any(fonts.glob("*.ttf")):
        raise FontsMissing
    return await asyncio.to_thread(_draw, data, fonts)
