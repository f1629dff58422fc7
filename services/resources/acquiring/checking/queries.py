"""One statement per kind of answer, however long the list of titles is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.checking.rules import Known, Title
from services.resources.acquiring.desiderata.queries import PENDING
from services.resources.acquiring.suggestions.model import OPEN
from services.resources.cataloguing.items.rules import GONE
from services.resources.cataloguing.records.rules import sort_title

# The index ix_instance_key_number is made for exactly this expression; the record with most copies answers.
_HELD = text("""
SELECT DISTINCT ON (k.isbn) k.isbn, i.number, (
    SELECT count(*) FROM item WHERE item.instance_id = i.id AND item.life <> ALL(:gone)) AS copies
FROM unnest(CAST(:isbns AS text[])) AS k (isbn)
JOIN instance_key ON split_part(instance_key.key, '|', 1) = 'isbn:' || k.isbn
JOIN instance own ON own.id = instance_key.instance_id
JOIN instance i ON i.id = coalesce(own.merged_into, own.id)
ORDER BY k.isbn, copies DESC, i.number
""")
_SAME = text("""
SELECT t.title, count(*) FROM unnest(CAST(:titles AS text[])) AS t (title)
JOIN instance i ON i.sort_title = t.title GROUP BY t.title
""")
_COMING = text("""
SELECT DISTINCT ON (w.isbn, w.title) w.isbn, w.title, w.no, w.state FROM desideratum w
WHERE w.state = ANY(:pending) AND (w.isbn = ANY(:isbns) AND w.isbn <> '' OR w.title = ANY(:names))
ORDER BY w.isbn, w.title, w.no
""")
_ASKED = text("SELECT key, no, votes FROM suggestion WHERE key = ANY(:keys) AND state = ANY(:open) ORDER BY no")


async def look(session: AsyncSession, titles: Sequence[Title]) -> list[Known]:
    """What is known of each, in their order."""
    if not titles:
        return []
    isbns = sorted({one.isbn for one in titles if one.isbn})
    folded = {one.title: sort_title(one.title) for one in titles if one.title}
    held = {row.isbn: (row.number, row.copies) for row in await session.execute(
        _HELD, {"isbns": isbns, "gone": [life.value for life in GONE]})} if isbns else {}
    same = {row[0]: row[1] for row in await session.execute(_SAME, {"titles": sorted(set(folded.values()))})}
    by_isbn, by_title = dict[str, tuple[str, str]](), dict[str, tuple[str, str]]()
    rows = await session.execute(_COMING, {
        "isbns": isbns, "names": sorted({one.title for one in titles if not one.isbn}), "pending": [s.value for s in PENDING],
    })
    for row in rows:
        by_isbn.setdefault(row.isbn, (row.no, row.state))
        by_title.setdefault(row.title, (row.no, row.state))
    keys = sorted({one.key for one in titles})
    asked = {row.key: row for row in await session.execute(_ASKED, {"keys": keys, "open": [s.value for s in OPEN]})}
    found = []
    for one in titles:
        record, copies = held.get(one.isbn, ("", 0))
        coming, state = (by_isbn if one.isbn else by_title).get(one.isbn or one.title, ("", ""))
        case = asked.get(one.key)
        others = 0 if record else int(same.get(folded.get(one.title, ""), 0))
        found.append(Known(record, copies, coming, state, case.no if case else "", case.votes if case else 0, others))
    return found
