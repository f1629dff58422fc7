"""A stand-in for a union catalogue: takes records in, sends them back, loses its own answers, is away."""

from __future__ import annotations

from base64 import b64decode
from xml.etree import ElementTree as ET

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.reading import read_one


class Union:
    """`how` says what happens to the next requests; whatever was taken in, was taken in."""

    def __init__(self) -> None:
        self.how = "take"
        self.knows_status = True
        self.heard: list[tuple[str, str]] = []  # (method, request id)
        self.bodies: list[bytes] = []
        self.accounts: list[str] = []
        self.said: dict[str, str] = {}  # request id → the answer it gets for ever
        self.titles: dict[str, str] = {}  # title → control number

    def app(self) -> Starlette:
        async def update(request: Request) -> Response:
            about = request.query_params.get("requestId") or request.headers["request-id"]
            self.heard.append((request.method, about))
            self.accounts.append(b64decode(request.headers.get("authorization", "Basic ").partition(" ")[2]).decode())
            if request.method == "GET":
                if not self.knows_status:
                    return Response("?", 404)
                return self._answer(self.said.get(about, "<operationStatus>unknown</operationStatus>"), about)
            body = await request.body()
            self.bodies.append(body)
            match self.how:
                case "away":
                    return Response("later", 503)
                case "forbidden":
                    return Response("who?", 401)
                case "elsewhere":
                    return RedirectResponse("/taken")
                case "entity":
                    return Response(b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", media_type="text/xml")
                case "dropped":  # never arrived, although nobody can tell
                    return Response("bad gateway", 502)
            if about not in self.said:
                self.said[about] = self._judge(body)
            if self.how == "lost":  # arrived, and the answer did not
                return Response("bad gateway", 502)
            return self._answer(self.said[about], about)

        return Starlette(routes=[Route("/update", update, methods=["GET", "POST"])])

    def _judge(self, body: bytes) -> str:
        if self.how == "return":
            return (
                "<operationStatus>fail</operationStatus><diagnostics><diagnostic><message>690 missing edition</message>"
                "<details>give $v</details></diagnostic></diagnostics>"
            )
        whole = body
        if body.startswith(b"<?xml"):
            root = ET.fromstring(body)
            (data,) = [one for one in root.iter() if one.tag.endswith("recordData")]
            body = ET.tostring(data[0], encoding="utf-8")
        outcome = read_one(body)
        assert isinstance(outcome, Accepted), outcome
        title = outcome.record.first("200", "a") or outcome.record.first("245", "a")
        if b"/action/1/replace" in whole:
            return f"<operationStatus>success</operationStatus><recordIdentifier>{self.titles[title]}</recordIdentifier>"
        if b"/action/1/delete" in whole:
            return f"<operationStatus>success</operationStatus><recordIdentifier>{self.titles.pop(title)}</recordIdentifier>"
        if title in self.titles:
            return f"<operationStatus>fail</operationStatus><recordIdentifier>{self.titles[title]}</recordIdentifier>"
        self.titles[title] = f"{len(self.titles) + 1:06d}"
        return f"<operationStatus>success</operationStatus><recordIdentifier>{self.titles[title]}</recordIdentifier>"

    def _answer(self, inner: str, about: str) -> Response:
        whole = f"<updateResponse xmlns='http://www.loc.gov/zing/srw/update/'><version>1.0</version><requestId>{about}</requestId>{inner}</updateResponse>"
        return Response(whole, media_type="text/xml")
