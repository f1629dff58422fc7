"""Paging of hand-made lists, the same on every screen of the desk."""

from __future__ import annotations

from typing import Any

SIZE = 25


def paged(number: int, total: int, **params: Any) -> dict[str, Any]:
    """What the pager macro needs."""
    pages = max(-(-total // SIZE), 1)
    return {
        "page_no": min(max(number, 1), pages), "pages": pages, "total": total, "size": SIZE,
        "params": {k: v for k, v in params.items() if v},
    }


def offset(number: int) -> int:
    """Rows to skip."""
    return (max(number, 1) - 1) * SIZE
