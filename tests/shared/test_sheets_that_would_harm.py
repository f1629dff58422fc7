"""A spreadsheet that would fill the memory, or that no longer is one, is refused in words by every room that reads any."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from services.reader.desk.campus import reading as campus
from services.resources.acquiring.selections import reading as selections
from services.resources.collections.stocktake import reading as stocktake
from shared.refusals import Refusal
from shared.web.register import exporting, importing
from shared.web.register.fields import FieldSpec, Ui

LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BOMB = f'<!DOCTYPE w [<!ENTITY l0 "ha">{LAUGHS}]><worksheet><sheetData><row r="1"><c><v>&l9;</v></c></row></sheetData></worksheet>'
HARMS = {
    "entities": BOMB.encode(),
    "a file of the house": b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData>&x;</sheetData></worksheet>',
    "half a sheet": b"<worksheet><sheetData><row r=",
}
READERS: dict[str, Callable[[Path], object]] = {
    "registers": lambda path: importing.parse(path.read_bytes(), {"barcode": FieldSpec("barcode", "条码", "text", False, "", Ui())}, 100),
    "campus": lambda path: list(campus._lines(io.BytesIO(path.read_bytes()), "x.xlsx")),
    "selections": selections._sheet,
    "stocktake": stocktake._sheet,
}


def book(path: Path, sheet: bytes = b"", *, claim: int = 0) -> Path:
    """A workbook whose first sheet is what is given, with as many zeros beside it as `claim` says."""
    buffer = io.BytesIO()
    plain = Workbook(buffer, {"in_memory": True})
    plain.add_worksheet().write_string(0, 0, "barcode")
    plain.close()
    with zipfile.ZipFile(buffer) as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as harmful:
        for part in whole.infolist():
            harmful.writestr(part.filename, sheet if sheet and part.filename.endswith("sheet1.xml") else whole.read(part))
        if claim:
            harmful.writestr("xl/media/zeros", bytes(claim))
    return path


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("harm", HARMS)
def test_a_sheet_with_harm_in_it_is_refused(tmp_path: Path, reader: str, harm: str) -> None:
    with pytest.raises(Refusal):
        READERS[reader](book(tmp_path / "x.xlsx", HARMS[harm]))


@pytest.mark.parametrize("reader", READERS)
def test_a_sheet_that_unpacks_to_more_than_a_library_writes_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    for module, limit in ((importing, "LARGEST"), (campus, "LARGEST_UNPACKED"), (selections, "UNPACKED"), (stocktake, "UNPACKED")):
        assert getattr(module, limit) < 1 << 30
        monkeypatch.setattr(module, limit, 1 << 20)
    small, large = book(tmp_path / "small.xlsx"), book(tmp_path / "large.xlsx", claim=2 << 20)
    READERS[reader](small)
    assert large.stat().st_size < 20_000
    with pytest.raises(Refusal):
        READERS[reader](large)


@pytest.mark.parametrize("text", ["=1+1|cmd", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_ours_is_a_formula_elsewhere(text: str) -> None:
    """The workbook's side is in tests/shared/register/test_register_list.py."""
    assert exporting.defused(text) == f"'{text}"
    assert exporting.defused("书名") == "书名"
    assert exporting.defused(-1) == -1
