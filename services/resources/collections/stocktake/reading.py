"""Files of barcodes as rows: text or spreadsheet, as scanners and offices write them. Runs in a thread."""

from __future__ import annotations

import csv
import io
import zipfile
from itertools import islice
from pathlib import Path

from services.resources.collections.stocktake.rules import MAX_ROWS, TooLong, Unreadable

CODES = ("utf-8-sig", "gb18030")
UNPACKED = 80 << 20


def rows_of(path: Path, name: str) -> list[list[str]]:
    """The rows of a file, or a refusal that says what cannot be read."""
    ending = Path(name.lower()).suffix
    if ending in {".xlsx", ".xlsm"}:
        rows = _sheet(path)
    elif ending in {".txt", ".csv", ".tsv", ".log", ""}:
        rows = _text(path)
    else:
        raise Unreadable
    if len(rows) > MAX_ROWS:
        raise TooLong(limit=MAX_ROWS)
    return rows


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spreadsheet keeps a barcode of digits as a number
    return str("" if value is None else value).replace("\0", "").strip()[:200]


def _sheet(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise TooLong(limit=MAX_ROWS)
        with path.open("rb") as file:  # an upload has no ending of its own, which openpyxl would ask for
            book = load_workbook(file, read_only=True, data_only=True)
            found = islice(book.worksheets[0].iter_rows(values_only=True, max_col=20), MAX_ROWS + 1)
            return [[_cell(value) for value in row] for row in found]
    except TooLong:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
        raise Unreadable from error


def _text(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    if b"\0" in raw[:4000]:
        raise Unreadable
    for code in CODES:
        try:
            told = raw.decode(code)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable
    mark = max(",\t;，", key=told[:4000].count)
    try:
        return [[_cell(value) for value in row] for row in islice(csv.reader(io.StringIO(told), delimiter=mark), MAX_ROWS + 1)]
    except csv.Error as error:
        raise Unreadable from error
