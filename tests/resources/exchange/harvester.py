"""A harvester and a search client as other houses have them: they read XML by name and believe nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

import httpx

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
SLIM = "{http://www.loc.gov/MARC21/slim}"
XCHANGE = "{info:lc/xmlns/marcxchange-v1}"
OLD = "{http://www.loc.gov/zing/srw/}"
NEW = "{http://docs.oasis-open.org/ns/search-ws/sruResponse}"


async def oai(client: httpx.AsyncClient, *pairs: tuple[str, str], **asked: str) -> ET.Element:
    """The answer's root; `from_` stands for `from`."""
    given = [*pairs, *((name.rstrip("_"), value) for name, value in asked.items())]
    answer = await client.get("/oai", params=given)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)


def error(root: ET.Element) -> str:
    """The code of the one error, or nothing."""
    found = root.find(f"{OAI}error")
    return "" if found is None else found.attrib["code"]


def text(root: ET.Element, *path: str) -> str:
    """The text of the first element on the path."""
    return root.findtext("/".join(f"{OAI}{name}" for name in path)) or ""


def headers(root: ET.Element) -> list[ET.Element]:
    """Every header of an answer, in order."""
    return list(root.iter(f"{OAI}header"))


def numbers(found: Iterable[ET.Element]) -> list[str]:
    """Record numbers of headers."""
    return [text(one, "identifier").rpartition(":")[2] for one in found]


async def harvest(client: httpx.AsyncClient, verb: str = "ListRecords", **asked: str) -> list[ET.Element]:
    """All headers of a list, through all its parts."""
    root = await oai(client, verb=verb, **asked)
    found = headers(root)
    while token := root.findtext(f"{OAI}{verb}/{OAI}resumptionToken"):
        root = await oai(client, verb=verb, resumptionToken=token)
        found += headers(root)
    assert not error(root), error(root)
    return found
