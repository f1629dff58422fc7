"""Suppliers' files as tables: spreadsheets, comma or tab separated text in any usual code, MARC through the house's readers.

Everything here runs in a thread and touches nothing but the file.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from services.resources.acquiring.selections.rules import (
    FIELDS,
    LARGEST,
    TooLong,
    Unreadable,
    head_row,
)
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.records.rules import shown_title

SHEETS, TEXTS = (".xlsx", ".xlsm"), (".csv", ".txt", ".tsv")
CODES = ("utf-8-sig", "gb18030")
UNPACKED = 80 << 20
WIDEST, LONGEST_CELL = 40, 500


@dataclass(slots=True)
class Table:
    """The names of the columns and the rows below them; `marc` when the columns are ours."""

    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    marc: bool = False


def table_of(path: Path, name: str) -> Table:
    """The file as a table, or a refusal that says what it cannot be read as."""
    ending = Path(name.lower()).suffix
    if ending in SHEETS:
        rows = _sheet(path)
    elif ending in TEXTS:
        rows = _text(path)
    else:
        return _marc(path, name)
    rows = [row for row in rows if any(row)]
    if len(rows) > LARGEST + 1:
        raise TooLong(limit=LARGEST)
    at = head_row(rows)
    if not rows[at + 1:]:
        raise Unreadable
    width = max(len(row) for row in rows[at:])
    return Table(_wide(rows[at], width), [_wide(row, width) for row in rows[at + 1:]])


def _wide(row: list[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spreadsheet keeps an ISBN as a number
    return " ".join(str("" if value is None else value).replace("\0", "").split())[:LONGEST_CELL]


def _sheet(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise TooLong(limit=LARGEST)
        with path.open("rb") as file:  # an upload has no ending of its own, which openpyxl would ask for
            book = load_workbook(file, read_only=True, data_only=True)
            found = islice(book.worksheets[0].iter_rows(values_only=True, max_col=WIDEST), LARGEST + 12)
            return [[_cell(value) for value in row] for row in found]
    except TooLong:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
        raise Unreadable from error


def _text(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    for code in CODES:
        try:
            text = raw.decode(code)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable
    first = text[:4000]
    mark = max(",\t;，", key=first.count)
    try:
        rows = islice(csv.reader(io.StringIO(text), delimiter=mark), LARGEST + 12)
        return [[_cell(value) for value in row[:WIDEST]] for row in rows]
    except csv.Error as error:
        raise Unreadable from error


def _marc(path: Path, name: str) -> Table:
    rows: list[list[str]] = []
    with path.open("rb") as file:
        for one in islice(read(file, name=name), LARGEST + 1):
            if not isinstance(one, Accepted) or one.record.kind == "authority":
                rows.append([""] * len(FIELDS))
                continue
            found = project(one.record)
            said = {
                "title": shown_title(found), "author": found.responsibility, "publisher": found.publisher, "year": str(found.year or ""),
                "isbn": found.isbn, "price": found.price_text, "subject": found.clc,
            }
            rows.append([_cell(said[name]) for name in FIELDS])
    if len(rows) > LARGEST:
        raise TooLong(limit=LARGEST)
    if not any(row[0] for row in rows):
        raise Unreadable
    return Table(list(FIELDS), rows, marc=True)
