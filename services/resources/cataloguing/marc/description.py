"""What a record says about a work, in the same words for every MARC dialect."""

from __future__ import annotations

from dataclasses import dataclass

from services.resources.cataloguing.marc.isbn import Isbn


@dataclass(frozen=True, slots=True)
class Author:
    """A person, body or meeting with a share in the work."""

    name: str
    role: str = ""
    dates: str = ""
    kind: str = "person"
    primary: bool = False
    other_form: str = ""
    """The name in the other script: Han beside romanised, pinyin beside Han."""


@dataclass(frozen=True, slots=True)
class OtherTitle:
    """A title the work is also known by; `kind` is one of the words in `TITLE_KINDS`."""

    kind: str
    text: str


TITLE_KINDS = (
    "parallel",
    "vernacular",
    "pinyin",
    "uniform",
    "variant",
    "former",
    "later",
    "contained",
)
MATERIALS = (
    "book",
    "serial",
    "map",
    "score",
    "audio",
    "video",
    "image",
    "electronic",
    "mixed",
)


@dataclass(frozen=True, slots=True)
class Projection:
    """The searchable, displayable side of a record; the record itself stays beside it."""

    dialect: str = "marc21"
    kind: str = "bibliographic"
    material: str = "book"
    control_number: str = ""
    source: str = ""
    """Whose control number it is; numbers of different sources may be equal by chance."""
    agency: str = ""
    title: str = ""
    title_rest: str = ""
    title_vernacular: str = ""
    part_number: str = ""
    part_name: str = ""
    other_titles: tuple[OtherTitle, ...] = ()
    responsibility: str = ""
    authors: tuple[Author, ...] = ()
    place: str = ""
    publisher: str = ""
    date: str = ""
    year: int | None = None
    edition: str = ""
    extent: str = ""
    series: tuple[str, ...] = ()
    host: str = ""
    """The set, journal or volume this one belongs to."""
    isbns: tuple[Isbn, ...] = ()
    issns: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    country: str = ""
    subjects: tuple[str, ...] = ()
    clc: tuple[str, ...] = ()
    lcc: tuple[str, ...] = ()
    ddc: tuple[str, ...] = ()
    other_classes: tuple[str, ...] = ()
    call_number: str = ""
    summary: str = ""
    notes: tuple[str, ...] = ()
    frequency: str = ""
    numbering: str = ""
    addresses: tuple[str, ...] = ()
    price_text: str = ""
    price_fen: int | None = None

    @property
    def language(self) -> str:
        """The first language of the text, as a code of three letters."""
        return self.languages[0] if self.languages else ""

    @property
    def full_title(self) -> str:
        """Title, part and rest as one line for lists and events."""
        part = " ".join(filter(None, (self.part_number, self.part_name)))
        head = ". ".join(filter(None, (self.title, part)))
        return " : ".join(filter(None, (head, self.title_rest)))

    @property
    def isbn(self) -> str:
        """The first valid ISBN."""
        return next((number.isbn13 for number in self.isbns if number.isbn13), "")
