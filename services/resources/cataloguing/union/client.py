"""Speaks to the union catalogue: one record, one answer; with the protections of copy cataloguing.

The request is SRU Record Update 1.0 (an `updateRequest` with the record as MARCXML), or the record alone as ISO 2709;
either way the header `Request-Id` names this one sending. A record that was changed or is no longer ours goes as `replace` or
`delete` with its control number (ISO 2709: in the headers `Record-Action`, `Record-Identifier`). The answer is an `updateResponse`: `operationStatus` is
`success` with the control number in `recordIdentifier`; or `fail`: with a number, the union catalogue has the title
under it; without one, its `diagnostic`s are the reasons. Whether a sending whose answer was lost arrived is asked by
`?operation=status&requestId=…`; the same answer comes, or `unknown`.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import aiohttp

from services.resources.cataloguing.copying.client import diagnostics, fetch, named, tree, why_not
from services.resources.cataloguing.copying.rules import Unreachable
from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.union.model import Act, Format

VERBS = {Act.create: "create", Act.change: "replace", Act.remove: "delete"}
UPDATE, SRW = "http://www.loc.gov/zing/srw/update/", "http://www.loc.gov/zing/srw/"
# Answers that say nobody was let in, and that this very record was not liked; any other leaves open what happened.
REFUSED, DISLIKED = frozenset({401, 403, 404, 405, 429, 503}), frozenset({400, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Line:
    """Where to, and as whom."""

    url: str
    inside: bool
    seconds: int
    account: str
    format: Format
    password: str = field(repr=False, default="")

    def headers(self) -> dict[str, str]:
        """Who we are."""
        if not self.account:
            return {}
        return {"authorization": "Basic " + b64encode(f"{self.account}:{self.password}".encode()).decode()}


@dataclass(frozen=True, slots=True)
class Said:
    """`outcome` is accepted, returned, duplicate, unknown (it never arrived), held (not sent) or lost (nobody knows)."""

    outcome: str
    control_no: str = ""
    reasons: str = ""
    failure: str = ""
    params: dict[str, Any] = field(default_factory=dict)


async def send(line: Line, request: str, marc: Record, act: Act = Act.create, control_no: str = "") -> Said:
    """Send a record once: new, changed, or (`control_no` names it) no longer ours."""
    if line.format is Format.iso2709:
        body, kind = marc.to_iso2709(), "application/marc"
    else:
        body, kind = _update(request, marc, act, control_no), "text/xml; charset=utf-8"
    more = {"record-action": VERBS[act], "record-identifier": control_no} if act is not Act.create else {}
    return await _exchange(line, line.url, request, body, {"content-type": kind, **more})


async def ask(line: Line, request: str) -> Said:
    """What became of a sending whose answer was lost."""
    asked = urlencode({"operation": "status", "requestId": request})
    said = await _exchange(line, f"{line.url}?{asked}", request, None, {})
    # A question changes nothing: whatever went wrong, we know as little as before. Who does not answer such questions is no
    # trouble of the line; then a person looks.
    away = said.params if said.failure not in ("status", "bad-xml") else {}
    return Said("lost", failure="" if said.failure in ("status", "bad-xml") else said.failure, params=away) if said.failure else said


async def _exchange(line: Line, url: str, request: str, body: bytes | None, more: dict[str, str]) -> Said:
    try:
        content = await fetch(
            url, inside=line.inside, seconds=line.seconds, body=body, headers={**line.headers(), "request-id": request, **more}
        )
        return read(content, request)
    except Unreachable as why:
        if body is not None and why.code == "status" and why.params["status"] in DISLIKED:
            return Said("returned", reasons=f"HTTP {why.params['status']}")
        unsent = why.code in ("private", "redirect") or (why.code == "status" and why.params["status"] in REFUSED)
        return Said("held" if unsent else "lost", failure=why.code, params=why.params)
    except aiohttp.ClientConnectorError as error:
        return Said("held", failure=why_not(error))
    except TimeoutError:
        return Said("lost", failure="timeout", params={"seconds": line.seconds})
    except (aiohttp.ClientError, OSError) as error:
        code = why_not(error)
        return Said("held" if code == "private" else "lost", failure=code if code == "private" else "cut-off")


def read(content: bytes, request: str) -> Said:
    """What an answer says, or `Unreachable`."""
    root = tree(content)

    def text(name: str) -> str:
        return clean(" ".join(next((one.text or "" for one in named(root, name)), "").split()))[:200]

    status, number, about = text("operationStatus"), text("recordIdentifier"), text("requestId")
    if about and about != request:
        raise Unreachable("bad-xml")
    reasons = clean("；".join(filter(None, diagnostics(root))))[:1000]
    if status == "unknown":
        return Said("unknown")
    if status == "success" and number:
        return Said("accepted", number)
    if status == "fail":
        return Said("duplicate", number, reasons) if number else Said("returned", "", reasons)
    raise Unreachable("bad-xml")


def _update(request: str, marc: Record, act: Act, control_no: str) -> bytes:
    known = f"<recordIdentifier>{escape(control_no)}</recordIdentifier>" if control_no else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><updateRequest xmlns="{UPDATE}" xmlns:srw="{SRW}"><srw:version>1.0</srw:version>'
        f"<action>info:srw/action/1/{VERBS[act]}</action><requestId>{escape(request)}</requestId>{known}<srw:record>"
        "<srw:recordPacking>xml</srw:recordPacking><srw:recordSchema>info:srw/schema/1/marcxml-v1.1</srw:recordSchema>"
        f"<srw:recordData>{marc.to_marcxml()}</srw:recordData></srw:record></updateRequest>"
    ).encode()
