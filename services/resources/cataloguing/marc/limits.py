"""How much one file may ask of the machine; the importer fills these from its settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep memory flat whatever is uploaded."""

    record_bytes: int = 4 * 1024 * 1024
    record_fields: int = 20_000
    total_bytes: int = 8 * 1024**3
    """After unpacking."""
    unpack_ratio: int = 200
    """Unpacked bytes per packed byte; real catalogues reach 40."""
    chunk_bytes: int = 64 * 1024


DEFAULT = Limits()
