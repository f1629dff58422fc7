"""What the server offers: context sets, indexes, schemas, limits, and the diagnostics it says no with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.resources.cataloguing.marc.exchange import XCHANGE

DEFAULT_RECORDS, MOST_RECORDS = 10, 100
DEFAULT_TERMS, MOST_TERMS = 20, 100
# Nobody pages further; a longer list is narrowed.
LAST_START = 10_000
COUNT_LIMIT = 100_000
LONGEST_QUERY, LONGEST_TERM, MOST_BOOLEANS, DEEPEST = 4_000, 300, 40, 20
SECONDS = 4
LOCAL_SET = "tag:guanwu,2026:cql/local"
SETS: Mapping[str, tuple[str, str]] = {
    "cql": ("info:srw/cql-context-set/1/cql-v1.2", "CQL"),
    "dc": ("info:srw/cql-context-set/1/dc-v1.1", "Dublin Core"),
    "bath": ("http://zing.z3950.org/cql/bath/2.0/", "Bath Profile"),
    "rec": ("info:srw/cql-context-set/2/rec-1.1", "Record Metadata"),
    "local": (LOCAL_SET, "Local"),
}
# Older addresses of the same sets.
ALSO: Mapping[str, str] = {
    "info:srw/cql-context-set/1/cql-v1.1": "cql", "http://www.loc.gov/zing/cql/dc-indexes/v1.0/": "dc",
    "http://purl.org/dc/elements/1.1/": "dc", "http://www.loc.gov/zing/cql/srw-indexes/v1.0/": "cql",
}


@dataclass(frozen=True, slots=True)
class Index:
    """`kind` says how it is searched; `mark` is the field its lexemes bear in the search index."""

    title: str
    kind: str
    mark: str = ""
    sort: bool = False
    scan: bool = False


TITLE = Index("Title", "title", sort=True, scan=True)
NAME = Index("Creator, contributor", "words", "a")
SUBJECT = Index("Subject", "words", "s")
PUBLISHER = Index("Publisher", "words", "p")
DATE = Index("Year of publication", "year", sort=True)
ISBN = Index("ISBN", "number", "n")
ISSN = Index("ISSN", "number", "n")
NUMBER = Index("Record number", "record", sort=True)
ANY = Index("Anywhere", "any")
INDEXES: Mapping[tuple[str, str], Index] = {
    ("cql", "serverchoice"): ANY, ("cql", "anywhere"): ANY, ("cql", "anyindexes"): ANY, ("cql", "allindexes"): ANY,
    ("cql", "keywords"): ANY, ("cql", "allrecords"): Index("All records", "all"),
    ("dc", "title"): TITLE, ("dc", "creator"): NAME, ("dc", "contributor"): NAME, ("dc", "subject"): SUBJECT,
    ("dc", "publisher"): PUBLISHER, ("dc", "date"): DATE, ("dc", "language"): Index("Language code", "code", "l"),
    ("dc", "type"): Index("Material (book, serial, map…)", "code", "m"),
    ("dc", "identifier"): Index("ISBN or ISSN", "number", "n"),
    ("bath", "title"): TITLE, ("bath", "name"): NAME, ("bath", "author"): NAME, ("bath", "subject"): SUBJECT,
    ("bath", "isbn"): ISBN, ("bath", "issn"): ISSN, ("bath", "any"): ANY, ("bath", "publisher"): PUBLISHER,
    ("rec", "identifier"): NUMBER, ("rec", "id"): NUMBER,
    ("local", "class"): Index("Class (CLC), with those below it", "class", "c"),
}
# Index names without a set are looked up in this order.
ORDER = ("dc", "bath", "local", "rec", "cql")
# Short name → (identifier, which dialects have it: none means all).
SCHEMAS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "marcxchange": (XCHANGE, (), "MarcXchange (ISO 25577), every record in its own MARC"),
    "marcxml": ("info:srw/schema/1/marcxml-v1.1", ("marc21",), "MARCXML, records in MARC 21"),
    "cnmarcxml": ("tag:guanwu,2026:schema/cnmarcxml", ("cnmarc", "unimarc"), "MarcXchange, records in CNMARC or UNIMARC"),
    "dc": ("info:srw/schema/1/dc-v1.1", (), "Dublin Core"),
}
DEFAULT_SCHEMA = "marcxchange"
DIAGNOSTIC_SCHEMA = "info:srw/schema/1/diagnostics-v1.1"
MESSAGES: Mapping[int, str] = {
    1: "General system error", 2: "System temporarily unavailable", 4: "Unsupported operation", 5: "Unsupported version",
    6: "Unsupported parameter value", 7: "Mandatory parameter not supplied", 8: "Unsupported parameter",
    9: "Unsupported combination of parameters", 10: "Query syntax error", 12: "Too many characters in query",
    13: "Invalid or unsupported use of parentheses", 14: "Invalid or unsupported use of quotes",
    15: "Unsupported context set", 16: "Unsupported index", 19: "Unsupported relation",
    20: "Unsupported relation modifier", 22: "Unsupported combination of relation and index",
    23: "Too many characters in term", 24: "Unsupported combination of relation and term",
    26: "Non special character escaped in term", 27: "Empty term unsupported",
    28: "Masking character not supported", 29: "Masked words too short", 31: "Anchoring character not supported",
    32: "Anchoring character in unsupported position", 36: "Term in invalid format for index or relation",
    37: "Unsupported boolean operator", 38: "Too many boolean operators in query", 39: "Proximity not supported",
    46: "Unsupported boolean modifier", 47: "Cannot process query; reason unknown", 49: "Masking character in unsupported position",
    50: "Result sets not supported", 61: "First record position out of range", 66: "Unknown schema for retrieval",
    67: "Record not available in this schema", 71: "Unsupported record packing", 80: "Sort not supported",
    82: "Unsupported sort sequence", 84: "Too many records to sort", 95: "Stylesheets not supported",
    120: "Response position out of range", 121: "Too many terms requested",
}


class Diagnostic(Exception):
    """The protocol's no: a number with a fixed sentence, and the very thing that was wrong."""

    def __init__(self, code: int, details: str = "") -> None:
        super().__init__(MESSAGES[code])
        self.code, self.details = code, details[:200]

    @property
    def message(self) -> str:
        """The fixed sentence."""
        return MESSAGES[self.code]

    @property
    def uri(self) -> str:
        """The diagnostic's name."""
        return f"info:srw/diagnostic/1/{self.code}"


def index_of(name: str, prefixes: Mapping[str, str]) -> Index:
    """The index a query names, whichever prefix it gave the context set."""
    prefix, dot, rest = name.rpartition(".")
    if not dot:
        for set_ in (prefixes.get(""), *ORDER):
            if set_ and (found := INDEXES.get((set_, name.lower()))):
                return found
        raise Diagnostic(16, name)
    set_name = prefixes.get(prefix.lower()) or (prefix.lower() if prefix.lower() in SETS else "")
    if not set_name:
        raise Diagnostic(15, prefix)
    if (set_name, rest.lower()) == ("cql", "resultsetid"):
        raise Diagnostic(50, name)
    if (found := INDEXES.get((set_name, rest.lower()))) is None:
        raise Diagnostic(16, name)
    return found


def set_of(uri: str) -> str:
    """The context set an address stands for."""
    for name, (known, _title) in SETS.items():
        if known == uri:
            return name
    if uri not in ALSO:
        raise Diagnostic(15, uri)
    return ALSO[uri]


def schema_of(asked: str) -> str:
    """The short name of a schema given by name or identifier."""
    if not asked:
        return DEFAULT_SCHEMA
    for name, (uri, _dialects, _title) in SCHEMAS.items():
        if asked in (name, uri):
            return name
    raise Diagnostic(66, asked)


def whole(name: str, text: str, default: int, lowest: int) -> int:
    """A parameter that must be a whole number."""
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) < lowest:
        raise Diagnostic(6, name)
    return int(text)
