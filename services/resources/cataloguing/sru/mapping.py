"""From a query's tree to conditions on our records: everything goes through the one search index.

Values are always bound. Of the text only letters, digits and Han reach the `tsquery` literal, so no
term can break out of it. Words are whole words; a star behind a word takes its beginning.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, not_, or_, true
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY

from services.resources.cataloguing.records import rules as records
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.sru.cql import (
    ANCHOR,
    MANY,
    ONE,
    Boolean,
    Clause,
    Modifier,
    SortKey,
)
from services.resources.cataloguing.sru.rules import Diagnostic, Index, index_of
from shared.search import HAN, LONGEST_WORD, fold

Condition = ColumnElement[bool]
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}{MANY}{ONE}{ANCHOR}]+|{MANY}")
_IS_HAN = re.compile(rf"[{HAN}]")
_YEAR = re.compile(r"([0-9]{4})(-[0-9]{2}){0,2}")
COMPARED = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
# What our index does anyway, or what changes how a term is read.
MODIFIERS = frozenset({"word", "string", "masked", "unmasked", "ignorecase", "ignoreaccents", "relevant"})


def condition(node: Clause | Boolean) -> Condition:
    """The condition a tree stands for."""
    if isinstance(node, Clause):
        return _clause(node)
    left, right = condition(node.left), condition(node.right)
    if node.operator == "or":
        return or_(left, right)
    return and_(left, right if node.operator == "and" else _never(right))


def _never(one: Condition) -> Condition:
    """What the condition is not true of: a record that says nothing of the year was not published in it."""
    return not_(func.coalesce(one, False))


def _clause(node: Clause) -> Condition:
    index = index_of(node.index, node.prefixes)
    names = {one.name.removeprefix("cql.") for one in node.modifiers}
    if odd := names - MODIFIERS:
        raise Diagnostic(20, min(odd))
    relation = "==" if node.relation == "exact" or (node.relation == "=" and "string" in names) else node.relation
    term = node.term
    if "unmasked" in names:
        term = term.replace(MANY, "*").replace(ONE, "?").replace(ANCHOR, "^")
    if index.kind == "all":
        return true()
    if not term.strip():
        raise Diagnostic(27)
    if relation == "<>":
        return _never(_one(index, "=", term))
    return _one(index, relation, term)


def _one(index: Index, relation: str, term: str) -> Condition:
    if index.kind == "year":
        return _year(relation, term)
    if relation in COMPARED or relation in ("within", "encloses"):
        raise Diagnostic(22, relation)
    if relation in ("any", "all"):
        words = [_single(index, "=", word) for word in term.split()]
        return or_(*words) if relation == "any" else and_(*words)
    return _single(index, relation, term)


def _single(index: Index, relation: str, term: str) -> Condition:
    """`=` and `adj` (all words of the term), or `==` (the whole text)."""
    match index.kind:
        case "record":
            return Instance.number == _unmasked(term).strip().rpartition(":")[2].upper()[:60]
        case "number":
            return _number(index, term)
        case "class":
            return _class(index, relation, term)
        case "code":
            return _matches(_quoted(records.marked(index.mark, _word(term))))
        case "title":
            return _title(relation, term)
        case "words":
            found = _words(index, term)
            return and_(found, _whole(index, term)) if relation == "==" else found
        case _:
            return _words(index, term)


def _matches(query: str) -> Condition:
    return Instance.search.bool_op("@@")(cast(query, TSQUERY))


def _quoted(lexeme: str, *, begins: bool = False, weight: str = "") -> str:
    how = ("*" if begins else "") + weight
    return f"'{lexeme}'" + (f":{how}" if how else "")


def _words(index: Index, term: str) -> Condition:
    if ANCHOR in term:
        raise Diagnostic(31)
    asked = []
    runs = _RUN.findall(_folded(records.as_number(term) if index.kind == "any" else term))
    for place, run in enumerate(runs):
        if run == MANY:
            continue
        begins = place + 1 < len(runs) and runs[place + 1] == MANY
        asked += _lexemes(index, run, begins=begins)
    if not asked:
        raise Diagnostic(29 if MANY in term else 36, term.replace(MANY, "*"))
    return _matches(" & ".join(dict.fromkeys(asked)))


def _folded(term: str) -> str:
    """The term as the index was folded; masks only where the index can follow them."""
    if ONE in term:
        raise Diagnostic(28, "?")
    if re.search(rf"(^|\s){MANY}|{MANY}[^\s{MANY}]", term):
        raise Diagnostic(29 if term.strip(f"{MANY} ") == "" else 49, "*")
    return fold(term)


def _lexemes(index: Index, run: str, *, begins: bool) -> list[str]:
    weight = "A" if index.kind == "title" else ""
    field = index.mark if index.kind == "words" else ""

    def lexeme(text: str, *, begins: bool = False) -> str:
        return _quoted(records.marked(field, text) if field else text, begins=begins, weight=weight)

    if not _IS_HAN.match(run):
        return [lexeme(run[:LONGEST_WORD], begins=begins)]
    if len(run) == 1:
        return [lexeme(run)]
    return [lexeme(run[at : at + 2]) for at in range(len(run) - 1)]


def _title(relation: str, term: str) -> Condition:
    """Words of titles; `==` the whole title, `^` in front its beginning."""
    begins, ends = term.startswith(ANCHOR), term.endswith(ANCHOR)
    inner = term.strip(ANCHOR + " ")
    if ANCHOR in inner:
        raise Diagnostic(32)
    if relation == "==" or (begins and ends):
        return Instance.sort_title == records.sort_title(_unmasked(inner))
    if ends:
        raise Diagnostic(32)
    found = _words(Index("", "title"), inner)
    if not begins:
        return found
    return and_(found, func.starts_with(Instance.sort_title, records.sort_title(inner.rstrip(MANY))))


def _whole(index: Index, term: str) -> Condition:
    """The exact text, checked on the few records that have its words."""
    plain = _unmasked(term).strip()
    match index.mark:
        case "a":
            return Instance.projection["authors"].bool_op("@>")(cast([{"name": plain}], JSONB))
        case "s":
            return Instance.projection["subjects"].bool_op("@>")(cast([plain], JSONB))
        case _:
            return cast(Instance.projection["publisher"].astext, Text) == plain


def _number(index: Index, term: str) -> Condition:
    plain = re.sub(r"[\s‐‑–-]", "", term.removesuffix(MANY)).lower()
    begins = term.endswith(MANY)
    if not re.fullmatch(r"[0-9]{1,12}[0-9x]", plain) or (begins and len(plain) < 3):
        raise Diagnostic(36, _shown(term))
    return _matches(_quoted(records.marked(index.mark, plain), begins=begins))


def _class(index: Index, relation: str, term: str) -> Condition:
    key = records.class_key(term.removesuffix(MANY))
    if not re.fullmatch(r"[a-z][a-z0-9=(){}<>\"“”:/+-]*", key):
        raise Diagnostic(36, _shown(term))
    return _matches(_quoted(records.marked(index.mark, key), begins=relation != "=="))


def _word(term: str) -> str:
    plain = fold(_unmasked(term)).strip()
    if not (plain.isascii() and plain.isalnum() and len(plain) <= 20):
        raise Diagnostic(36, _shown(term))
    return plain


def _year(relation: str, term: str) -> Condition:
    years = [_one_year(word) for word in term.split()]
    if relation == "within":
        if len(years) != 2:
            raise Diagnostic(36, _shown(term))
        return Instance.year.between(min(years), max(years))
    if relation == "any":
        return Instance.year.in_(years)
    if len(years) != 1:
        raise Diagnostic(24, _shown(term))
    if relation in COMPARED:
        compared: Condition = getattr(Instance.year, COMPARED[relation])(years[0])
        return compared
    if relation not in ("=", "=="):
        raise Diagnostic(22, relation)
    return Instance.year == years[0]


def _one_year(text: str) -> int:
    match = _YEAR.fullmatch(text)
    if match is None:
        raise Diagnostic(36, _shown(text))
    return int(match[1])


def _unmasked(term: str) -> str:
    for mark, code in ((MANY, 49), (ONE, 28), (ANCHOR, 31)):
        if mark in term:
            raise Diagnostic(code)
    return term


def _shown(term: str) -> str:
    return term.replace(MANY, "*").replace(ONE, "?").replace(ANCHOR, "^")


def order(keys: tuple[SortKey, ...]) -> list[Any]:
    """The order asked for; what is equal stands by record number."""
    columns = {"title": Instance.sort_title, "year": Instance.year, "record": Instance.number}
    found: list[Any] = []
    for key in keys:
        index = index_of(key.index, key.prefixes)
        if not index.sort:
            raise Diagnostic(82, key.index)
        found.append(columns[index.kind].desc().nulls_last() if _down(key.modifiers) else columns[index.kind].asc().nulls_last())
    return [*found, Instance.id]


def _down(modifiers: tuple[Modifier, ...]) -> bool:
    names = {one.name.removeprefix("sort.") for one in modifiers}
    if odd := names - {"ascending", "descending", "ignorecase", "ignoreaccents"}:
        raise Diagnostic(82, min(odd))
    return "descending" in names
