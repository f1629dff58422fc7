"""The protocol's XML, piece by piece, so that a list of any length is never whole in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.dublincore import DC, to_xml
from services.resources.cataloguing.marc.exchange import native
from services.resources.cataloguing.oai.queries import House
from services.resources.cataloguing.oai.rules import (
    FORMATS,
    OAI_DC,
    Fault,
    identifier_of,
    leaves,
    said,
)

NS = "http://www.openarchives.org/OAI/2.0/"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
OAI_ID = "http://www.openarchives.org/OAI/2.0/oai-identifier"
NO_ARGUMENTS = ("badVerb", "badArgument")
CONTAINER = (
    f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}" {XSI} '
    f'xsi:schemaLocation="{OAI_DC} {FORMATS["oai_dc"][0]}">'
)
FOOT = "</OAI-PMH>\n"


def text(value: str) -> str:
    """Text that XML takes."""
    return escape(clean(value))


def head(base: str, now: datetime, pairs: Iterable[tuple[str, str]]) -> str:
    """The envelope up to where the verb's own element begins."""
    marks = "".join(f" {name}={quoteattr(clean(value))}" for name, value in pairs)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{NS}" {XSI} '
        f'xsi:schemaLocation="{NS} {NS}OAI-PMH.xsd">\n<responseDate>{said(now)}</responseDate>\n'
        f"<request{marks}>{text(base)}</request>\n"
    )


def refused(base: str, now: datetime, pairs: Sequence[tuple[str, str]], fault: Fault) -> str:
    """The whole answer to a request that cannot be met."""
    # Arguments that made no sense are not said back.
    echoed = () if fault.code in NO_ARGUMENTS else pairs
    return f'{head(base, now, echoed)}<error code="{fault.code}">{text(fault.text)}</error>\n{FOOT}'


def identify(base: str, us: House, earliest: datetime, sample: str) -> str:
    """Who we are."""
    return (
        f"<Identify><repositoryName>{text(us.name)}</repositoryName><baseURL>{text(base)}</baseURL>"
        f"<protocolVersion>2.0</protocolVersion><adminEmail>{text(us.mail)}</adminEmail>"
        f"<earliestDatestamp>{said(earliest)}</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
        f"<granularity>YYYY-MM-DDThh:mm:ssZ</granularity><description>"
        f'<oai-identifier xmlns="{OAI_ID}" {XSI} xsi:schemaLocation="{OAI_ID} {OAI_ID}.xsd"><scheme>oai</scheme>'
        f"<repositoryIdentifier>{text(us.domain)}</repositoryIdentifier><delimiter>:</delimiter>"
        f"<sampleIdentifier>{text(identifier_of(us.domain, sample))}</sampleIdentifier></oai-identifier>"
        f"</description></Identify>\n"
    )


def formats(prefixes: Iterable[str]) -> str:
    """In which forms records can be had."""
    found = "".join(
        f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>{FORMATS[prefix][0]}</schema>"
        f"<metadataNamespace>{FORMATS[prefix][1]}</metadataNamespace></metadataFormat>"
        for prefix in prefixes
    )
    return f"<ListMetadataFormats>{found}</ListMetadataFormats>\n"


def sets(found: Iterable[tuple[str, str]]) -> str:
    """The sets and their names."""
    lines = "".join(f"<set><setSpec>{text(spec)}</setSpec><setName>{text(name)}</setName></set>\n" for spec, name in found)
    return f"<ListSets>\n{lines}</ListSets>\n"


def header(us: House, row: Any, *, deleted: bool) -> str:
    """The header of a record."""
    named = "".join(f"<setSpec>{text(spec)}</setSpec>" for spec in leaves(row.sets))
    status = ' status="deleted"' if deleted else ""
    return (
        f"<header{status}><identifier>{text(identifier_of(us.domain, row.number))}</identifier>"
        f"<datestamp>{said(row.stamp)}</datestamp>{named}</header>"
    )


def record(us: House, row: Any, told: Any, prefix: str) -> str:
    """A record; `told` is its projection or its fields, nothing for one that is gone."""
    top = header(us, row, deleted=told is None)
    if told is None:
        return f"<record>{top}</record>\n"
    body = to_xml(told, CONTAINER) if prefix == "oai_dc" else native(told, row.dialect)
    return f"<record>{top}<metadata>{body}</metadata></record>\n"


def token(value: str, cursor: int, size: int, expires: datetime | None) -> str:
    """Where the list goes on; empty at the end of a list that came in parts."""
    until = f' expirationDate="{said(expires)}"' if expires and value else ""
    return f'<resumptionToken{until} completeListSize="{size}" cursor="{cursor}">{text(value)}</resumptionToken>\n'
