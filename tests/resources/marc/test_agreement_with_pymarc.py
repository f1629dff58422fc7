"""On sound files our reading says what pymarc's says."""

from __future__ import annotations

import pymarc
import pytest

from tests.resources.marc.sample import FILES, accepted

SOUND = [
    "serials-905.mrc",
    "test_data.utf8.mrc",
    "bnu-cnmarc.utf8.iso",
    "multi_isbn.dat",
    "marc8.dat",
    "diacritic.dat",
    "random_tag_order.dat",
]


@pytest.mark.parametrize("name", SOUND)
def test_tags_titles_and_texts_are_equal(name: str) -> None:
    with (FILES / name).open("rb") as file:
        theirs = [record for record in pymarc.MARCReader(file, force_utf8="bnu" in name) if record]
    ours = accepted(name)
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        assert [f.tag for f in our.fields] == [f.tag for f in their.fields]
        title = "200" if our.dialect == "cnmarc" else "245"
        assert our.first(title, "a") == their[title]["a"]
        for one, other in zip(our.fields, their.fields, strict=True):
            if other.control_field:
                assert one.data == other.data
            else:
                assert list(one.subfields) == [(s.code, s.value) for s in other.subfields]
