"""Builds the demonstration records; run by developers when the choice should change.

    python -m services.resources.demo.build_records MARC_FOLDER GUTENBERG_CATALOGUE

MARC_FOLDER holds the files named in `BEIJING` and `ABROAD`, GUTENBERG_CATALOGUE is the
gzipped table of works. The same input gives the same files.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from services.resources.cataloguing.marc.description import Projection
from services.resources.cataloguing.marc.matching import completeness, normal, volume_of
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.demo.classics import held, record_of, works
from services.resources.demo.copies import LIBRARY, Shelves

BEIJING = "cnmarc/bnu-cnmarc.utf8.iso"
ABROAD = (
    "folio/oneThousandMarcBib.mrc",
    "traject/test_data.utf8.mrc",
    "princeton/sampleconc.mrx",
    "solrmarc/uva_001-200.mrc",
)
RECORDS = Path(__file__).with_name("records")
FOREIGN, SERIALS, CLASSICS = 300, 25, 200
LONGEST = 9000
LOCAL = re.compile(r"9..|59.|852|86[36]|876|035")
OTHERS_ITEMS = frozenset({"905", "906", "935", "988", "995", "998", "999", "AVA"})
HAN = re.compile("[\u4e00-\u9fff]")


def main() -> None:
    """Write the three files of records."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("marc", type=Path)
    parser.add_argument("gutenberg", type=Path)
    given = parser.parse_args()
    shelves = Shelves()
    write("classics.mrc", classics(given.gutenberg, shelves))
    write("bnu.mrc", beijing(given.marc / BEIJING, shelves))
    write("foreign.mrc", foreign([given.marc / name for name in ABROAD], shelves))


def write(name: str, records: Iterable[Record]) -> None:
    """Write one file of ISO 2709 in UTF-8 and say how much it holds."""
    written = [record.to_iso2709() for record in records]
    (RECORDS / name).write_bytes(b"".join(written))
    print(f"{name}: {len(written)} records, {sum(map(len, written))} bytes")


def classics(catalogue: Path, shelves: Shelves) -> Iterator[Record]:
    """Chinese works made into CNMARC."""
    count = 0
    for work in works(catalogue):
        if count < CLASSICS and (record := record_of(work, shelves)):
            count += 1
            yield record


def beijing(file: Path, shelves: Shelves) -> Iterator[Record]:
    """The real CNMARC records, with copies of ours instead of their library's."""
    for record in sound(file):
        work = project(record)
        class_mark, _, book = work.call_number.partition("/")
        own = [field for field in record.fields if field.tag not in OTHERS_ITEMS]
        # The year in the title keeps the volumes of one yearbook apart.
        volume = re.search(r"[0-9]{2}", work.title)
        book = f"{book}/19{volume[0]}" if volume else book
        copies = shelves.chinese(work.title, class_mark)
        yield record.with_fields([*own, *(held(copy, class_mark, book) for copy in copies)])


def foreign(files: Iterable[Path], shelves: Shelves) -> Iterator[Record]:
    """MARC 21 records with Han script first, then monographs, then some serials."""
    found = ((record, project(record)) for file in files for record in sound(file))
    # The sources hold some records many times over.
    distinct = {(normal(w.title), volume_of(w), w.year): (r, w) for r, w in found if fit(r, w)}
    good = list(distinct.values())
    han = [pair for pair in good if HAN.search(pair[1].title_vernacular)]
    rest = [pair for pair in good if pair not in han]
    serials = [pair for pair in rest if pair[1].material == "serial"][:SERIALS]
    others = [pair for pair in rest if pair[1].material != "serial"]
    others.sort(key=lambda pair: (len(completeness(pair[1])), pair[1].material != "book"))
    for record, work in [*han, *serials, *others][:FOREIGN]:
        own = [field for field in record.fields if not LOCAL.fullmatch(field.tag)]
        shelf = re.sub(r"\s+", " ", work.call_number)
        copies = [
            Field(
                "852",
                "  ",
                (
                    ("a", LIBRARY),
                    ("b", copy.location),
                    ("h", shelf),
                    ("p", copy.barcode),
                    ("t", str(copy.number)),
                    ("9", copy.price),
                ),
            )
            for copy in shelves.foreign(work.title, work.material)
        ]
        yield record.with_fields([*own, *copies])


def fit(record: Record, work: Projection) -> bool:
    """Whether a record is complete enough to be shown and can stand on a shelf."""
    return bool(
        work.title
        and work.year
        and work.publisher
        and work.languages
        and work.material != "electronic"
        and work.call_number
        and len(record.to_iso2709()) <= LONGEST
    )


def sound(file: Path) -> Iterator[Record]:
    """The records of a file that were read without a complaint."""
    with file.open("rb") as stream:
        for outcome in read(stream, name=file.name):
            if isinstance(outcome, Accepted) and not outcome.warnings:
                yield outcome.record


if __name__ == "__main__":
    main()
