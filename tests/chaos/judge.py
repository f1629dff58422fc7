"""The verdict: what was answered, what the model believes and what the databases say, held against one another.

Pure: it reads a diary, a model and facts, so a test can show it a false world and see it convict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.diary import Diary
from tests.chaos.facts import Facts
from tests.chaos.library import OUT, Library

# Verb → the document its answer names, and where in the answer.
NAMED = {
    "lend": ("loan", "loan_id"), "hold": ("hold", "id"), "report damage": ("slip", "slip"), "lose": ("loss", "no"),
    "wish": ("wish", "no"), "order": ("order", "no"), "deliver": ("delivery", "no"), "invoice": ("invoice", "no"),
    "fill box": ("box", "number"), "plan count": ("count", "no"), "catalogue": ("item", "barcode"),
}
# Of these others make some too: bought copies become items, banked money becomes a voucher.
OTHERS_TOO = {"item", "voucher"}
HELD = {"placed", "part_arrived", "arrived", "accepted", "invoiced"}


@dataclass
class Finding:
    """One thing that must not be; `about` are the names by which its trace is found."""

    kind: str
    what: str
    about: tuple[str, ...] = ()
    trace: list[dict[str, Any]] = field(default_factory=list)


def judge(diary: Diary, library: Library, facts: Facts, stories: Iterable[tuple[str, list[str]]] = ()) -> list[Finding]:
    """Everything that is wrong; nothing when all is well."""
    found = [
        *_answers(diary, library), *_documents(diary, facts), *_loans(diary, library, facts), *_holds(diary, facts),
        *_accounts(library, diary, facts), *_scans(diary, facts), *_budgets(facts), *_events(facts), *_rest(facts),
        *(Finding("a story stopped", what, tuple(thread)) for what, thread in stories),
    ]
    for one in found:
        one.trace = diary.about(*one.about)[-12:]
    return found


def _answers(diary: Diary, library: Library) -> Iterator[Finding]:
    for deed in diary.deeds:
        if not deed.status:
            yield Finding("never answered", f"{deed.verb} no. {deed.no}: {deed.tries[-3:]}", (deed.about,))
    for deed in library.astray:
        yield Finding(
            "another answer than the model's",
            f"{deed.verb} no. {deed.no} of {deed.about}, known as {deed.known}: expected {deed.expected}, "
            f"got {deed.status} {deed.answer.get('reasons') or ''}", (deed.about,),
        )


def _documents(diary: Diary, facts: Facts) -> Iterator[Finding]:
    said: dict[str, list[str]] = {kind: [] for kind, _place in NAMED.values()}
    for deed in diary.deeds:
        if deed.done and deed.verb in NAMED:
            kind, place = NAMED[deed.verb]
            said[kind].append(str(deed.answer[place]))
    said["repair"] = said["slip"]
    said["voucher"] = [deed.path.split("/")[-2] for deed in diary.done("submit invoice")]
    said["voucher"] += [deed.path.split("/")[-3] for deed in diary.done("approve refund")]
    for kind, names in said.items():
        is_ = Counter(facts.documents.get(kind, []))
        for name in names:
            if not is_[name]:
                yield Finding("answered, but not there", f"{kind} {name}", (name,))
        if kind not in OTHERS_TOO:
            for name in is_.keys() - set(names):
                yield Finding("there, but answered to nobody", f"{kind} {name}", (name,))
        for name in set(names):
            if is_[name] > 1:
                yield Finding("done twice", f"{kind} {name} is there {is_[name]} times", (name,))
        for name, times in Counter(names).items():
            if times > 1:
                yield Finding("answered for two", f"{kind} {name} was the answer to {times} commands", (name,))


def _loans(diary: Diary, library: Library, facts: Facts) -> Iterator[Finding]:
    by_id = {row[0]: row for row in facts.loans}
    for barcode, times in Counter(row[1] for row in facts.loans if not row[3]).items():
        if times > 1:
            yield Finding("two open loans", f"{barcode} has {times}", (barcode,))
    ended = {str(deed.answer["loan"]["loan_id"]) for deed in diary.done("return") if deed.answer.get("loan")}
    lost = {deed.about for deed in diary.done("lose")}
    for deed in diary.done("lend"):
        loan = by_id.get(deed.answer["loan_id"])
        if loan is None:
            continue  # said already
        if loan[1] in lost:
            continue
        if loan[2] != deed.body["card"]:
            yield Finding("another borrower", f"loan {loan[0]} of {loan[1]} is {loan[2]}'s, was lent to {deed.body['card']}", (loan[1],))
        if loan[3] != (loan[0] in ended):
            yield Finding("a return went astray", f"loan {loan[0]} of {loan[1]}: ended {loan[3]}, answered {loan[0] in ended}", (loan[1],))
    renewed = Counter(str(deed.answer["loan_id"]) for deed in diary.done("renew"))
    for name, times in renewed.items():
        if name in by_id and by_id[name][4] != times:
            yield Finding("renewed another number of times", f"loan {name}: {by_id[name][4]}, answered {times}", (by_id[name][1],))
    open_ = {row[1]: row for row in facts.loans if not row[3]}
    for book in library.books.values():
        if book.sure and not book.shared and (book.where == OUT) != (book.barcode in open_):
            yield Finding("a book is elsewhere", f"{book.barcode}: model {book.where}, loan open {book.barcode in open_}", (book.barcode,))


def _holds(diary: Diary, facts: Facts) -> Iterator[Finding]:
    by_id = {row[0]: row for row in facts.holds}
    kept = Counter(row[3] for row in facts.holds if row[3] and row[4] in {"ready", "transit"})
    for item, times in kept.items():
        if times > 1:
            yield Finding("one book kept for two", f"item {item}: {times} holds", (item,))
    asked = Counter((row[1], row[2]) for row in facts.holds if row[4] in {"waiting", "transit", "ready"})
    for (card, title), times in asked.items():
        if times > 1:
            yield Finding("one patron twice in a queue", f"{card} for {title}", (card, title))
    for deed in diary.done("cancel"):
        hold = by_id.get(deed.answer["id"])
        if hold is not None and hold[4] != "cancelled":
            yield Finding("a cancelled hold lives", f"{hold[0]} is {hold[4]}", (hold[0],))
    owners: dict[str, set[str]] = {}
    for deed in diary.done("lend"):
        if filled := deed.answer.get("hold"):
            owners.setdefault(filled["id"], set()).add(deed.body["card"])
            hold = by_id.get(filled["id"])
            if hold is not None and (hold[4] != "filled" or hold[1] != deed.body["card"]):
                yield Finding("a hold went to another", f"{hold[0]} is {hold[4]} of {hold[1]}", (hold[0], deed.about))
    for name, cards in owners.items():
        if len(cards) > 1:
            yield Finding("a hold with two owners", f"{name}: {sorted(cards)}", (name,))


def _accounts(library: Library, diary: Diary, facts: Facts) -> Iterator[Finding]:
    sums: Counter[str] = Counter()
    for _id, card, _posting, fen, _receipt in facts.ledger:
        sums[card] += fen
    for card, fen in library.owed.items():
        if not fen == sums[card] == facts.debts.get(card):
            yield Finding("an account does not agree", f"{card}: model {fen}, postings {sums[card]}, debt {facts.debts.get(card)}", (card,))
    for posting, verb in (("payment", "pay"), ("waiver", "waive")):
        said = Counter(deed.answer["receipt"] for deed in diary.done(verb))
        is_ = {row[4] for row in facts.ledger if row[2] == posting}
        for receipt in said.keys() ^ is_:
            yield Finding("a receipt is on one side only", f"{posting} {receipt}: answered {receipt in said}, booked {receipt in is_}", (receipt,))
        for receipt, times in said.items():
            if times > 1:
                yield Finding("answered for two", f"receipt {receipt} for {times} commands", (receipt,))
    charged = Counter(deed.answer["id"] for deed in diary.done("charge"))
    booked = {row[0] for row in facts.ledger}
    for name in charged.keys() - booked:
        yield Finding("answered, but not there", f"charge {name}", (name,))
    for about, says, is_now in facts.proof:
        yield Finding("the desk's books do not agree", f"{about}: says {says}, is {is_now}", tuple(str(about).split()))


def _scans(diary: Diary, facts: Facts) -> Iterator[Finding]:
    """A barcode is one row of its campaign, counted as often as a command that named it was done."""
    wanted: Counter[tuple[str, str]] = Counter()
    for deed in diary.done("scan"):
        wanted.update((deed.about, code) for code in deed.body["barcodes"])
    is_ = {(no, code): times for no, code, times in facts.scans if no in {key[0] for key in wanted}}
    for key in wanted.keys() | is_.keys():
        if wanted[key] != is_.get(key, 0):
            yield Finding("a scan went astray", f"{key[1]} in {key[0]}: counted {is_.get(key, 0)}, answered {wanted[key]}", key)


def _budgets(facts: Facts) -> Iterator[Finding]:
    for no, name, says, is_now in facts.budgets:
        if says != is_now:
            yield Finding("a budget does not agree", f"{no} {name}: says {says}, its rows {is_now}", (no,))
    for no, state, net, held in facts.orders:
        if (state in HELD and held != net) or (state in {"closed", "cancelled"} and held):
            yield Finding("both sides of an order disagree", f"{no} is {state}, needs {net}, the office holds {held}", (no,))
    for no, state, amount, paid in facts.invoices:
        if (amount if state == "paid" else 0) != paid:
            yield Finding("both sides of an invoice disagree", f"{no} is {state} for {amount}, the office paid {paid}", (no,))
    for no, voucher, desk, office in facts.refunds:
        if desk != office:
            yield Finding("both sides of a refund disagree", f"{no} by {voucher}: desk {desk}, office {office}", (no,))


def _events(facts: Facts) -> Iterator[Finding]:
    set_aside = Counter((row[0], row[1]) for row in facts.letters)
    for source, log in facts.logs.items():
        places = Counter(log.values())
        if places[0]:
            yield Finding("facts without a place", f"{places[0]} of {source} were never given one")
        if twice := [place for place, times in places.items() if times > 1]:
            yield Finding("two facts in one place", f"{source}: {twice[:5]}")
        unheard = [name for name in log if name not in facts.chronicle]
        if unheard:
            yield Finding("facts lost", f"{len(unheard)} of {source} are not in the chronicle", tuple(unheard[:3]))
    for (hearer, source), wanted in facts.wanted.items():
        missing = wanted - facts.heard.get((hearer, source), set())
        if missing:
            yield Finding(
                "facts lost", f"{hearer} did not take in {len(missing)} of {source} ({set_aside[hearer, source]} set aside)",
                tuple(sorted(missing)[:3]),
            )
    for name, times in facts.chronicle.items():
        if times > 1:
            yield Finding("a fact twice in the chronicle", f"{name}: {times}", (name,))


def _rest(facts: Facts) -> Iterator[Finding]:
    if missing := facts.credits_due - facts.credits:
        yield Finding("duties not credited", f"{len(missing)}: {sorted(missing)[:3]}")
    known = {name for log in facts.logs.values() for name in log}
    if more := {pair for pair in facts.credits - facts.credits_due if pair[0] in known}:
        yield Finding("duties credited for nothing", f"{len(more)}: {sorted(more)[:3]}")
    if facts.chain:
        yield Finding("the ledger of duties is broken", facts.chain)
    for hearer, source, subject, aggregate, error in facts.letters:
        yield Finding("a dead letter", f"{hearer} set aside {subject} of {source} ({aggregate}): {error}", (aggregate.split(":")[-1],))
    for name, _compared, differing, trouble in facts.copies:
        if trouble or differing:
            yield Finding("a copy was not compared", f"{name}: {trouble or differing}")
    for name, key, owner, held in facts.differences:
        yield Finding("a copy differs from its owner", f"{name} {key}: owner {owner}, held {held}", (key,))
