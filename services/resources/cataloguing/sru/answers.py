"""The XML of the answers, as version 1.1/1.2 and as version 2.0 have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.dublincore import DC, to_xml
from services.resources.cataloguing.marc.exchange import marcxchange, marcxml
from services.resources.cataloguing.sru import rules
from services.resources.cataloguing.sru.queries import Found
from services.resources.cataloguing.sru.rules import Diagnostic

OLD, NEW = "http://www.loc.gov/zing/srw/", "http://docs.oasis-open.org/ns/search-ws/sruResponse"
NEW_SCAN = "http://docs.oasis-open.org/ns/search-ws/scan"
DIAGNOSTICS = {False: "http://www.loc.gov/zing/srw/diagnostic/", True: "http://docs.oasis-open.org/ns/search-ws/diagnostic"}
CONTAINER = f'<srw_dc:dc xmlns:srw_dc="info:srw/schema/1/dc-v1.1" xmlns:dc="{DC}">'
MINIMUM = "info:srw/vocabulary/resultCountPrecision/1/minimum"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'


def text(value: object) -> str:
    """Text that XML takes."""
    return escape(clean(str(value)))


class Answer:
    """Writes one answer in one version; `new` is 2.0."""

    def __init__(self, version: str) -> None:
        self.version, self.new = version, version == "2.0"

    def whole(self, kind: str, parts: Sequence[str], namespace: str = "") -> str:
        """The document."""
        namespace = namespace or (NEW if self.new else OLD)
        first = "" if self.new else f"<version>{self.version}</version>"
        return f'{PROLOG}<{kind} xmlns="{namespace}">{first}{"".join(parts)}</{kind}>\n'

    def diagnostic(self, one: Diagnostic) -> str:
        """One diagnostic."""
        details = f"<details>{text(one.details)}</details>" if one.details else ""
        return (
            f'<diagnostic xmlns="{DIAGNOSTICS[self.new]}"><uri>{one.uri}</uri>{details}'
            f"<message>{text(one.message)}</message></diagnostic>"
        )

    def refused(self, operation: str, one: Diagnostic, explained: str = "") -> str:
        """An answer that is a diagnostic and nothing else."""
        said = f"<diagnostics>{self.diagnostic(one)}</diagnostics>"
        if operation == "scan":
            return self.whole("scanResponse", [said], NEW_SCAN if self.new else "")
        if operation == "explain":
            return self.whole("explainResponse", [explained, said])
        return self.whole("searchRetrieveResponse", ["<numberOfRecords>0</numberOfRecords>", said])

    def found(self, found: Found, echoed: Mapping[str, str], *, start: int, schema: str, escaped: bool) -> str:
        """Records, the whole count, and where to go on."""
        records = [
            self.record(row, start + place, schema, escaped=escaped) for place, row in enumerate(found.rows)
        ]
        after = start + len(records)
        parts = [f"<numberOfRecords>{found.count}</numberOfRecords>"]
        if records:
            parts.append(f"<records>{''.join(records)}</records>")
        if records and after <= min(found.count, rules.LAST_START):
            parts.append(f"<nextRecordPosition>{after}</nextRecordPosition>")
        parts.append(self.echo("echoedSearchRetrieveRequest", echoed))
        if self.new and found.at_least:
            parts.append(f"<resultCountPrecision>{MINIMUM}</resultCountPrecision>")
        return self.whole("searchRetrieveResponse", parts)

    def record(self, row: Any, position: int, schema: str, *, escaped: bool) -> str:
        """One record, or the diagnostic that stands in its place."""
        uri, dialects, _title = rules.SCHEMAS[schema]
        if dialects and row.dialect not in dialects:
            body, uri = self.diagnostic(Diagnostic(67, schema)), rules.DIAGNOSTIC_SCHEMA
        elif schema == "dc":
            body = to_xml(row[2], CONTAINER)
        elif schema == "marcxml":
            body = marcxml(row[2])
        else:
            body = marcxchange(row[2], row.dialect)
        return self.wrapped(uri, body, escaped=escaped, identifier=row.number, position=position)

    def wrapped(self, uri: str, body: str, *, escaped: bool, identifier: str = "", position: int = 0) -> str:
        """`record` around a body."""
        how = "string" if escaped else "xml"
        packing = f"<recordXMLEscaping>{how}</recordXMLEscaping>" if self.new else f"<recordPacking>{how}</recordPacking>"
        place = f"<recordPosition>{position}</recordPosition>" if position else ""
        name = f"<recordIdentifier>{text(identifier)}</recordIdentifier>" if identifier else ""
        data = escape(body) if escaped else body
        return f"<record><recordSchema>{uri}</recordSchema>{packing}<recordData>{data}</recordData>{name}{place}</record>"

    def echo(self, kind: str, echoed: Mapping[str, str]) -> str:
        """What was asked, said back."""
        inner = "".join(f"<{name}>{text(value)}</{name}>" for name, value in echoed.items())
        return f"<{kind}>{inner}</{kind}>"

    def scanned(self, terms: Sequence[tuple[str, int]], echoed: Mapping[str, str]) -> str:
        """Terms with their counts."""
        lines = "".join(
            f"<term><value>{text(value)}</value><numberOfRecords>{count}</numberOfRecords></term>" for value, count in terms
        )
        parts = [f"<terms>{lines}</terms>"] if lines else []
        return self.whole("scanResponse", [*parts, self.echo("echoedScanRequest", echoed)], NEW_SCAN if self.new else "")


def explained(host: str, port: int, path: str, title: str, *, secure: bool) -> str:
    """The ZeeRex record: what the server truly answers, read by programs before they ask."""
    sets = "".join(f'<set name="{name}" identifier="{uri}"><title>{title_}</title></set>' for name, (uri, title_) in rules.SETS.items())
    indexes = "".join(
        f'<index search="true" scan="{str(index.scan).lower()}" sort="{str(index.sort).lower()}"><title>{text(index.title)}</title>'
        f'<map><name set="{set_}">{name}</name></map></index>'
        for (set_, name), index in rules.INDEXES.items()
    )
    schemas = "".join(
        f'<schema name="{name}" identifier="{uri}"><title>{text(title_)}</title></schema>'
        for name, (uri, _dialects, title_) in rules.SCHEMAS.items()
    )
    return (
        f'<explain xmlns="http://explain.z3950.org/dtd/2.0/"><serverInfo protocol="SRU" version="2.0" '
        f'transport="{"https" if secure else "http"}" method="GET POST"><host>{text(host)}</host><port>{port}</port>'
        f"<database>{text(path)}</database></serverInfo>"
        f"<databaseInfo><title>{text(title)}</title></databaseInfo><indexInfo>{sets}{indexes}</indexInfo>"
        f"<schemaInfo>{schemas}</schemaInfo><configInfo>"
        f'<default type="numberOfRecords">{rules.DEFAULT_RECORDS}</default>'
        f'<default type="retrieveSchema">{rules.SCHEMAS[rules.DEFAULT_SCHEMA][0]}</default>'
        f'<setting type="maximumRecords">{rules.MOST_RECORDS}</setting>'
        f'<supports type="relation">any</supports><supports type="relation">all</supports>'
        f'<supports type="relation">adj</supports><supports type="relation">within</supports>'
        f'<supports type="maskingCharacter">*</supports>'
        f'<supports type="anchoring">^</supports><supports type="sort"/></configInfo></explain>'
    )
