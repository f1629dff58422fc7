"""A draft made of an order's words leaves out what nobody said.

covers: RES-ACQ-01
"""

from types import SimpleNamespace

import pytest

from services.resources.receiving.acceptance.drafting import marc_of


@pytest.mark.parametrize(("publisher", "year", "imprint"), [
    ("中华书局", "2024", [("c", "中华书局"), ("d", "2024")]), ("中华书局", "", [("c", "中华书局")]), ("", "", []),
])
def test_an_imprint_has_no_dash_in_the_place_of_a_year(publisher: str, year: str, imprint: list[tuple[str, str]]) -> None:
    line = SimpleNamespace(title="红楼梦", author="", publisher=publisher, year=year, isbn="")
    found = [field for field in marc_of(line, "B0000001").fields if field.tag == "210"]
    assert [pair for field in found for pair in field.subfields] == imprint
    assert bool(found) == bool(imprint)
