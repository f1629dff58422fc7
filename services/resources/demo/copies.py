"""The invented copies of the demonstration library: barcodes, shelves and prices, always the same."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple
from zlib import crc32

from shared.barcodes import barcode

LIBRARY = "GW"
SCIENCES = frozenset("NOPQRSTUVX")
LITERATURE = frozenset("IJ")


class Copy(NamedTuple):
    """One copy as it will stand in a holdings field."""

    barcode: str
    location: str
    number: int
    price: str


class Shelves:
    """Gives out barcodes and book numbers in running order."""

    def __init__(self) -> None:
        self._barcodes: Counter[str] = Counter()
        self._books: Counter[str] = Counter()

    def book_number(self, class_mark: str) -> int:
        """The next running number within a class (种次号)."""
        self._books[class_mark] += 1
        return self._books[class_mark]

    def chinese(self, title: str, class_mark: str) -> list[Copy]:
        """One to three copies; of three, the first is the sample copy that stays in the house."""
        count = chance(title, 3) + 1
        home = "zk-3f" if class_mark[0] in SCIENCES else "sk-2f"
        if class_mark[0] in LITERATURE:
            home = "wy-2f"
        homes = {1: [home], 2: [home, home], 3: ["yb-5f", home, home]}[count]
        return self._copies("A", homes, f"CNY{18 + chance(title, 60)}.00")

    def foreign(self, title: str, material: str) -> list[Copy]:
        """One or two copies where their material belongs."""
        count = chance(title, 2) + 1
        price = f"CNY{160 + chance(title, 500)}.00"
        match material:
            case "serial":
                return self._copies("B", ["qk-3f", "mj-b1"][:count], price)
            case "audio" | "video":
                return self._copies("D", ["dm-1f"], price)
            case "score" | "map" | "image" | "mixed":
                return self._copies("A", ["dm-1f"], price)
            case _:
                return self._copies("A", ["ww-4f", "mj-b1"][:count], price)

    def _copies(self, kind: str, homes: list[str], price: str) -> list[Copy]:
        copies = []
        for number, home in enumerate(homes, 1):
            self._barcodes[kind] += 1
            copies.append(Copy(barcode(kind, self._barcodes[kind]), home, number, price))
        return copies


def chance(text: str, choices: int) -> int:
    """A choice that looks random and is the same on every machine."""
    return crc32(text.encode()) % choices
