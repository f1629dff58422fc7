"""Where the sources are, for the tests that read them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("shared", "services", "gateway")
DEPARTMENTS = ("office", "resources", "tech", "reader", "institute")


def sources(*parts: str, suffix: str = ".py") -> list[Path]:
    """Files of the product (not its tests, not generated migrations)."""
    return [
        path
        for part in (parts or PARTS)
        for path in sorted((ROOT / part).rglob(f"*{suffix}"))
        if "migrations/versions" not in path.as_posix() and "__pycache__" not in path.parts
    ]


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()
