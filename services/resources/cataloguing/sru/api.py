"""The open door of searching systems: `/sru`, without sign-in, at the pace the gateway allows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.address import posted, public_address
from services.resources.cataloguing.oai.queries import house
from services.resources.cataloguing.sru import queries, rules
from services.resources.cataloguing.sru.answers import Answer, explained
from services.resources.cataloguing.sru.cql import Clause, Query, clause, parse
from services.resources.cataloguing.sru.rules import Diagnostic, whole
from shared.doors import Router, allow
from shared.service import Kit

router = Router(tags=["sru"], dependencies=[allow("*")])
ANY_OPERATION = {"operation", "version", "stylesheet", "extraRequestData", "httpAccept"}
PARAMETERS: Mapping[str, set[str]] = {
    "explain": {"recordPacking", "recordXMLEscaping"},
    "searchRetrieve": {
        "query", "queryType", "startRecord", "maximumRecords", "recordPacking", "recordXMLEscaping", "recordSchema",
        "recordXPath", "resultSetTTL", "sortKeys", "responseType",
    },
    "scan": {"scanClause", "responsePosition", "maximumTerms"},
}
# Strangers' questions wait for each other, not our own people for them.
_turns = asyncio.Semaphore(3)
PATIENCE = 5.0
LONGEST_FORM = 40_000


@router.get("/sru", include_in_schema=False)
async def asked_by_get(request: Request) -> Response:
    """A request in the address."""
    return await _answer(request, request.url.query)


@router.post("/sru", include_in_schema=False)
async def asked_by_post(request: Request) -> Response:
    """The same request as a form."""
    return await _answer(request, await posted(request, LONGEST_FORM))


async def _answer(request: Request, query: str) -> Response:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40)
    except ValueError:
        pairs = []
    asked = dict(pairs)
    answer, operation, fault = _version(asked)
    try:
        if fault:
            raise fault
        if len(asked) < len(pairs):
            raise Diagnostic(8, "a parameter is repeated")
        _known(asked, operation)
        match operation:
            case "explain":
                body = await _explain(request, answer, asked)
            case "scan":
                body = await _scan(request, answer, asked)
            case _:
                body = await _search(request, answer, asked)
    except Diagnostic as diagnostic:
        record = await _explanation(request, answer, asked) if operation == "explain" else ""
        body = answer.refused(operation, diagnostic, record)
    return Response(body, media_type="text/xml; charset=utf-8")


def _version(asked: Mapping[str, str]) -> tuple[Answer, str, Diagnostic | None]:
    """How to answer and what is asked: 1.x names both, in 2.0 they follow from the parameters."""
    version = asked.get("version", "")
    fault = None
    if version and version not in ("1.1", "1.2", "2.0"):
        version, fault = "1.2", Diagnostic(5, "1.2")
    if not version:
        version = "1.2" if "operation" in asked else "2.0"
    implied = "searchRetrieve" if "query" in asked else "scan" if "scanClause" in asked else "explain"
    operation = asked.get("operation", implied)
    if operation not in PARAMETERS:
        fault, operation = fault or Diagnostic(4, operation), "explain"
    elif version != "2.0" and "operation" in asked and "version" not in asked and operation != "explain":
        fault = Diagnostic(7, "version")
    return Answer(version), operation, fault


def _known(asked: Mapping[str, str], operation: str) -> None:
    for name in asked:
        if name not in PARAMETERS[operation] and name not in ANY_OPERATION and not name.startswith("x-"):
            raise Diagnostic(8, name)
    if asked.get("stylesheet"):
        raise Diagnostic(95)


def _escaped(answer: Answer, asked: Mapping[str, str]) -> bool:
    how = asked.get("recordXMLEscaping" if answer.new else "recordPacking") or "xml"
    if how not in ("xml", "string"):
        raise Diagnostic(71, how)
    if answer.new and asked.get("recordPacking", "packed") not in ("packed", "unpacked"):
        raise Diagnostic(71, asked["recordPacking"])
    return how == "string"


async def _explain(request: Request, answer: Answer, asked: Mapping[str, str]) -> str:
    _escaped(answer, asked)
    return answer.whole("explainResponse", [await _explanation(request, answer, asked)])


async def _explanation(request: Request, answer: Answer, asked: Mapping[str, str]) -> str:
    kit: Kit = request.app.state.kit
    async with kit.reading() as session:
        us = await house(session, kit.settings)
    place = urlsplit(public_address(request, "/sru"))
    secure = place.scheme == "https"
    record = explained(place.hostname or "", place.port or (443 if secure else 80), "sru", us.name, secure=secure)
    how = asked.get("recordXMLEscaping" if answer.new else "recordPacking")
    return answer.wrapped("http://explain.z3950.org/dtd/2.0/", record, escaped=how == "string")


def _query(asked: Mapping[str, str]) -> Query:
    if "query" not in asked:
        raise Diagnostic(7, "query")
    kind = asked.get("queryType", "cql")
    if kind == "searchTerms":
        return Query(Clause("cql.serverChoice", "all", asked["query"][: rules.LONGEST_QUERY]))
    if kind != "cql":
        raise Diagnostic(6, "queryType")
    return parse(asked["query"])


async def _search(request: Request, answer: Answer, asked: Mapping[str, str]) -> str:
    kit: Kit = request.app.state.kit
    query = _query(asked)
    start = whole("startRecord", asked.get("startRecord", ""), 1, 1)
    most = whole("maximumRecords", asked.get("maximumRecords", ""), rules.DEFAULT_RECORDS, 0)
    schema, escaped = rules.schema_of(asked.get("recordSchema", "")), _escaped(answer, asked)
    if asked.get("sortKeys"):
        raise Diagnostic(80, "sort within the query: sortBy")
    if asked.get("recordXPath"):
        raise Diagnostic(8, "recordXPath")
    if start > rules.LAST_START:
        raise Diagnostic(61, f"at most {rules.LAST_START}")
    limit = min(most, rules.MOST_RECORDS)
    async with _turn(), queries.bounded(kit.sessions) as session:
        found = await queries.search(session, query, start=start, limit=limit, schema=schema)
    if start > max(found.count, 1):
        raise Diagnostic(61, str(start))
    echoed = {} if answer.new else {"version": answer.version}
    names = ("queryType", "query", "startRecord", "maximumRecords", "recordXMLEscaping", "recordPacking", "recordSchema")
    echoed.update({name: asked[name] for name in names if asked.get(name)})
    return answer.found(found, echoed, start=start, schema=schema, escaped=escaped)


async def _scan(request: Request, answer: Answer, asked: Mapping[str, str]) -> str:
    kit: Kit = request.app.state.kit
    if not asked.get("scanClause"):
        raise Diagnostic(7, "scanClause")
    wanted = clause(asked["scanClause"])
    most = whole("maximumTerms", asked.get("maximumTerms", ""), rules.DEFAULT_TERMS, 1)
    position = whole("responsePosition", asked.get("responsePosition", ""), 1, 0)
    if most > rules.MOST_TERMS:
        raise Diagnostic(121, str(rules.MOST_TERMS))
    if position > most + 1:
        raise Diagnostic(120, str(position))
    async with _turn(), queries.bounded(kit.sessions) as session:
        found = await queries.terms(session, wanted, position=position, limit=most)
    echoed = {} if answer.new else {"version": answer.version}
    echoed.update({name: asked[name] for name in ("scanClause", "responsePosition", "maximumTerms") if asked.get(name)})
    return answer.scanned(found, echoed)


class _turn:  # noqa: N801 - reads as a word where it is used
    """A place in the queue; who waits too long is told to come back."""

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await _turns.acquire()
        except TimeoutError:
            raise Diagnostic(2, "too many searches at once") from None

    async def __aexit__(self, *_about: object) -> None:
        _turns.release()
