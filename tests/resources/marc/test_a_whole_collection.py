"""A folder of 82 real files of many systems, when it is at hand: every record counted, none lost.

`GUANWU_MARC_DATA` names the folder; without it the test looks beside the project, and is skipped
where there is none. The table says how many records of each file are accepted and refused.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.resources.cataloguing.marc.holdings import items
from services.resources.cataloguing.marc.matching import completeness, match_keys
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.marc.record import Record

BESIDE = Path(__file__).resolve().parents[4] / "shared/data/marc"
FOLDER = Path(os.environ.get("GUANWU_MARC_DATA") or BESIDE)
COUNTS = {
    "cnmarc/bnu-as-marc21-by-marcedit.xml": (5, 0),
    "cnmarc/bnu-cnmarc.gb18030.iso": (5, 0),
    "cnmarc/bnu-cnmarc.gbk.iso": (5, 0),
    "cnmarc/bnu-cnmarc.utf8.iso": (5, 0),
    "cnmarc/bnu-cnmarc.xml": (5, 0),
    "cnmarc/definitions/marcdef-book.xml": (0, 1),
    "cnmarc/definitions/marcdef-serial.xml": (0, 1),
    "cnmarc/definitions/marcvaluelist-book.xml": (0, 1),
    "cnmarc/definitions/template-serial.xml": (3, 0),
    "evergreen/auth-subset100.mrc": (17, 0),
    "evergreen/badisbns.xml": (10, 0),
    "evergreen/concerto-auth_concerto.xml": (72, 0),
    "evergreen/concerto-bibs_concerto.xml": (100, 0),
    "evergreen/concerto-bibs_graphic_880.xml": (7, 0),
    "evergreen/concerto-bibs_rda.xml": (10, 0),
    "evergreen/hebrew.marc": (20, 0),
    "evergreen/jazz_1k.mrc": (1000, 0),
    "evergreen/nepali.marc": (96, 0),
    "evergreen/serial.caption_and_pattern.tsv": (0, 1),
    "evergreen/serial.pattern_template.tsv": (0, 1),
    "evergreen/serial.subscription.tsv": (0, 1),
    "evergreen/serials_marc21.xml": (7, 0),
    "evergreen/serials_mfhd.xml": (7, 0),
    "folio/100_MARC_authority_records.mrc": (100, 0),
    "folio/oneThousandMarcBib.mrc": (1000, 0),
    "folio/serials-905.mrc": (24, 0),
    "koha/koha-sample-authorities.xml.gz": (853, 0),
    "koha/koha-sample-bibs.xml": (436, 0),
    "koha/koha-sample-items.csv": (0, 1),
    "marc4j/bad-characters-in-various-fields.mrc": (1, 0),
    "marc4j/bad_leaders_10_11.mrc": (1, 0),
    "marc4j/bad_oversize_field_bad_directory.mrc": (5, 0),
    "marc4j/brkrtest.mrc": (8, 0),
    "marc4j/chabon.mrc": (2, 0),
    "marc4j/cyrillic_capital_e.mrc": (2, 0),
    "marc4j/incomplete_esc_seq.mrc": (1, 0),
    "marc4j/loongboonmee.mrc": (2, 0),
    "marc4j/summerland.mrc": (1, 0),
    "marc4j/u17_utf8.mrc": (1, 0),
    "marc4j/unordered-directory-entries.mrc": (1, 0),
    "openlibrary/880_Nihon_no_chasho.mrc": (1, 0),
    "perl/baddir.usmarc": (1, 0),
    "perl/badldr.usmarc": (6, 1),
    "perl/cameleof.usmarc": (10, 0),
    "perl/cjk1.marc": (1, 0),
    "perl/cjk2.marc": (1, 0),
    "perl/filler.usmarc": (3, 0),
    "princeton/sampleconc.mrx": (63, 0),
    "pymarc/bad_indicator.dat": (1, 0),
    "pymarc/bad_subfield_code.dat": (1, 0),
    "pymarc/bad_tag.xml": (1, 0),
    "pymarc/diacritic.dat": (1, 0),
    "pymarc/marc8.dat": (1, 0),
    "pymarc/multi_isbn.dat": (1, 0),
    "pymarc/testunimarc.dat": (1, 0),
    "pymarc/utf8_without_leader_flag.dat": (1, 0),
    "ruby/non-numeric.dat": (1, 0),
    "ruby/random_tag_order.dat": (1, 0),
    "ruby/utf8_with_bad_bytes.marc": (1, 0),
    "solrmarc/uva_001-200.mrc": (200, 0),
    "sru/alma-sru-dc.xml": (0, 10),
    "sru/alma-sru-isohold.xml": (0, 10),
    "sru/alma-sru-mods.xml": (0, 10),
    "traject/880_with_no_6.utf8.marc": (1, 0),
    "traject/emptyish_record.marc": (1, 0),
    "traject/nature.marc": (1, 0),
    "traject/test_data.utf8.mrc": (30, 0),
    "unimarc/italian-data.mrc": (5, 0),
    "unimarc/unimarctest.xml": (5, 0),
    "yaz/marc1.json": (1, 0),
    "yaz/marc1.marc": (1, 0),
    "yaz/marc1.xml": (1, 0),
    "yaz/marc2.json": (1, 0),
    "yaz/marc2.marc": (1, 0),
    "yaz/marc2.xml": (1, 0),
    "yaz/marc3.json": (1, 0),
    "yaz/marc3.marc": (1, 0),
    "yaz/marc3.xml": (1, 0),
    "yaz/marc7.json": (1, 0),
    "yaz/marc7.marc": (1, 0),
    "yaz/marc7.xml": (1, 0),
    "zebra/collection-namemrc.xml": (20, 0),
}


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the collection is not at hand")
@pytest.mark.parametrize("name", COUNTS)
def test_every_record_is_accepted_or_refused_by_number(name: str) -> None:
    if not (FOLDER / name).exists():
        pytest.skip("not in this copy of the collection")
    good = bad = 0
    with (FOLDER / name).open("rb") as file:
        for number, outcome in enumerate(read(file, name=name), 1):
            assert outcome.number == number
            if isinstance(outcome, Accepted):
                good += 1
                assert Record.from_json(outcome.record.to_json()) == outcome.record
                work = project(outcome.record)
                assert match_keys(work) or not work.title.strip() or not work.source
                assert set(completeness(work)) <= {
                    "title",
                    "number",
                    "language",
                    "imprint",
                    "class",
                    "agency",
                }
                assert isinstance(items(outcome.record), list)
                assert all(flaw.message for flaw in outcome.warnings)
            else:
                bad += 1
                assert outcome.message
    assert (good, bad) == COUNTS[name]
