"""Names of people for screens; records hold staff numbers and cards only.

The table is filled by handlers of the department that hears who came and who was renamed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from shared.i18n import N_, _
from shared.web.register.tables import person_name
from shared.work import Work


async def remember(work: Work, id: str, name: str, kind: str = "staff") -> None:
    """This id is called that from now on."""
    row = {"id": id, "name": name, "kind": kind}
    statement = insert(person_name).values(row)
    await work.session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"name": name, "kind": kind})
    )


async def forget(work: Work, id: str) -> None:
    """The name is no longer kept (erasure); records show the id."""
    await work.session.execute(delete(person_name).where(person_name.c.id == id))


async def names(work: Work, ids: Iterable[str | None]) -> dict[str, str]:
    """Id → name for those we know; the reader of the page is always known."""
    wanted = {i for i in ids if i} - {"system"}
    found = {"system": _(N_("系统")), work.actor.id: work.actor.name or work.actor.id}
    if missing := wanted - found.keys():
        rows = await work.session.execute(
            select(person_name.c.id, person_name.c.name).where(person_name.c.id.in_(sorted(missing)))
        )
        found.update((row.id, row.name) for row in rows)
    return found


async def suggest(work: Work, q: str) -> list[tuple[str, str]]:
    """A `source` for person fields: staff whose number or name begins with what was typed."""
    begins = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = await work.session.execute(
        select(person_name.c.id, person_name.c.name)
        .where(person_name.c.kind == "staff", person_name.c.id.ilike(begins) | person_name.c.name.ilike(begins))
        .order_by(person_name.c.id).limit(20)
    )
    return [(row.id, row.name) for row in rows]
