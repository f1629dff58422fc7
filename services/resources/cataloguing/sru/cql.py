"""CQL 1.2 and 2.0: from the text of a query to its tree, with every mistake named by its diagnostic.

Terms keep their masks as characters of the private area, so that an escaped star stays a star.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.resources.cataloguing.sru.rules import (
    DEEPEST,
    LONGEST_QUERY,
    LONGEST_TERM,
    MOST_BOOLEANS,
    Diagnostic,
    set_of,
)

MANY, ONE, ANCHOR = "\ue000", "\ue001", "\ue002"
MASKS = {"*": MANY, "?": ONE, "^": ANCHOR}
BOOLEANS = ("and", "or", "not", "prox")
SYMBOLS = ("==", ">=", "<=", "<>", "=", "<", ">")
NAMED = ("any", "all", "adj", "exact", "within", "encloses")
_TOKEN = re.compile(r'\s*(?:(==|>=|<=|<>|[=<>()/])|"((?:[^"\\]|\\.)*)"|([^\s()=<>"/]+)|(\S))', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query: a symbol, a word, or a quoted text."""

    kind: str
    text: str

    def word(self) -> str:
        """What an unquoted word says, without case."""
        return self.text.lower() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Modifier:
    """`/name` or `/name=value` behind a relation, a boolean or a sort key."""

    name: str
    comparison: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One question: index, relation, term; the prefixes in force where it stands."""

    index: str
    relation: str
    term: str
    modifiers: tuple[Modifier, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Boolean:
    """Two questions joined."""

    operator: str
    left: Clause | Boolean
    right: Clause | Boolean


@dataclass(frozen=True, slots=True)
class SortKey:
    """What to sort by."""

    index: str
    modifiers: tuple[Modifier, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    root: Clause | Boolean
    sort: tuple[SortKey, ...] = ()


def parse(text: str) -> Query:
    """The tree of a query, or the `Diagnostic` that says what is wrong with it."""
    if len(text) > LONGEST_QUERY:
        raise Diagnostic(12, str(LONGEST_QUERY))
    if not text.strip():
        raise Diagnostic(27)
    return _Parser(_tokens(text)).query()


def clause(text: str) -> Clause:
    """The one clause of a scan."""
    found = parse(text)
    if isinstance(found.root, Boolean) or found.sort:
        raise Diagnostic(10, "one clause is scanned")
    return found.root


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while match := _TOKEN.match(text, at):
        symbol, quoted, word, odd = match.groups()
        if odd is not None:
            raise Diagnostic(14 if odd == '"' else 10, odd)
        if symbol is not None:
            found.append(Token("symbol", symbol))
        elif quoted is not None:
            found.append(Token("quoted", quoted))
        else:
            found.append(Token("word", word))
        at = match.end()
    return found


def term_of(token: Token) -> str:
    """The term with its masks marked and its escapes gone."""
    if len(token.text) > LONGEST_TERM:
        raise Diagnostic(23, str(LONGEST_TERM))
    made, escaped = [], False
    for char in token.text:
        if escaped:
            if char not in '*?^"\\':
                raise Diagnostic(26, char)
            made.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            made.append(MASKS.get(char, "" if char in MASKS.values() else char))
    if escaped:
        raise Diagnostic(26, "\\")
    return "".join(made)


class _Parser:
    """Recursive descent; booleans bind alike, from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at, self.booleans, self.depth = tokens, 0, 0, 0

    def query(self) -> Query:
        root = self.scoped({})
        sort: list[SortKey] = []
        prefixes = self.prefixes
        if (token := self.peek()) and token.word() == "sortby":
            self.at += 1
            while (token := self.peek()) and token.kind != "symbol":
                self.at += 1
                sort.append(SortKey(token.text, self.modifiers(), prefixes))
            if not sort:
                raise Diagnostic(10, "sortBy without a key")
        if left := self.peek():
            raise Diagnostic(13 if left.text in "()" else 10, left.text)
        return Query(root, tuple(sort))

    def peek(self, ahead: int = 0) -> Token | None:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def symbol(self, text: str, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        return token is not None and token.kind == "symbol" and token.text == text

    def take(self) -> Token:
        token = self.peek()
        if token is None:
            raise Diagnostic(10, "the query breaks off")
        self.at += 1
        return token

    def scoped(self, outer: Mapping[str, str]) -> Clause | Boolean:
        prefixes = self.assigned(outer)
        found = self.one(prefixes)
        while (token := self.peek()) and token.word() in BOOLEANS:
            self.at += 1
            self.booleans += 1
            if self.booleans > MOST_BOOLEANS:
                raise Diagnostic(38, str(MOST_BOOLEANS))
            if token.word() == "prox":
                raise Diagnostic(39)
            if odd := self.modifiers():
                raise Diagnostic(46, odd[0].name)
            found = Boolean(token.word(), found, self.one(prefixes))
        self.prefixes = prefixes
        return found

    def assigned(self, outer: Mapping[str, str]) -> Mapping[str, str]:
        """`> dc = "info:…"` gives a context set a prefix; without one it becomes the default set."""
        prefixes = dict(outer)
        while self.symbol(">"):
            self.at += 1
            first = self.take()
            if self.symbol("="):
                self.at += 1
                prefixes[first.text.lower()] = set_of(self.take().text)
            else:
                prefixes[""] = set_of(first.text)
        return prefixes

    def one(self, prefixes: Mapping[str, str]) -> Clause | Boolean:
        if self.symbol("("):
            self.at += 1
            self.depth += 1
            if self.depth > DEEPEST:
                raise Diagnostic(13, f"deeper than {DEEPEST}")
            found = self.scoped(prefixes)
            if not self.symbol(")"):
                raise Diagnostic(13, "a parenthesis is not closed")
            self.at += 1
            self.depth -= 1
            return found
        first = self.take()
        if first.kind == "symbol":
            raise Diagnostic(13 if first.text == ")" else 10, first.text)
        if first.word() in BOOLEANS or first.word() == "sortby":
            raise Diagnostic(10, first.text)
        relation = self.relation()
        if relation is None:
            return Clause("cql.serverChoice", "=", term_of(first), prefixes=prefixes)
        if first.kind == "quoted" and not first.text:
            raise Diagnostic(10, "an index has a name")
        modifiers = self.modifiers()
        term = self.take()
        if term.kind == "symbol":
            raise Diagnostic(10, term.text)
        return Clause(first.text, relation, term_of(term), modifiers, prefixes)

    def relation(self) -> str | None:
        token = self.peek()
        if token is None:
            return None
        if token.kind == "symbol":
            if token.text not in SYMBOLS:
                return None
            self.at += 1
            return token.text
        word = token.word().removeprefix("cql.")
        if not word or word in BOOLEANS or word == "sortby":
            return None
        after = self.peek(1)
        if word not in NAMED:
            # Two words side by side are no query; with a third one, the middle was meant as a relation.
            known = after is not None and after.kind != "symbol" and after.word() not in (*BOOLEANS, "sortby")
            raise Diagnostic(19 if known else 10, token.text)
        self.at += 1
        return word

    def modifiers(self) -> tuple[Modifier, ...]:
        found = []
        while self.symbol("/"):
            self.at += 1
            name = self.take()
            if name.kind == "symbol":
                raise Diagnostic(10, name.text)
            comparison = value = ""
            if (token := self.peek()) and token.kind == "symbol" and token.text in SYMBOLS:
                comparison = self.take().text
                value = self.take().text
            found.append(Modifier(name.text.lower(), comparison, value))
        return tuple(found)
