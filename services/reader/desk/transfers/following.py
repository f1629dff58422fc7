"""A plan that resources approved becomes our lists: one per point the books stand at, packed and received like any other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import find_and_lock
from services.reader.desk.transfers import rules
from services.reader.desk.transfers.commands import about
from services.reader.desk.transfers.model import LineState, Transfer, TransferLine, TransferState
from services.reader.desk.transfers.queries import is_wanted, lines_of, open_list_of
from services.reader.rooms.service_points.queries import homes, point_by_code
from shared.events.reader import ListedItems, NotFetched, TransferApproved, TransferPlanTakenUp
from shared.events.resources import TransferPlanned
from shared.i18n import N_, _
from shared.refusals import Reason
from shared.work import Work


async def take_up(work: Work, fact: TransferPlanned) -> None:
    """Once per plan. Items that are lent, wanted or elsewhere stay, and resources hear why."""
    if await work.session.scalar(select(Transfer.id).where(Transfer.plan == fact.number).limit(1)):
        return
    kept = await homes(work.session)
    to = kept.get(fact.location, "")
    end = await point_by_code(work.session, to) if to else None
    refused: list[NotFetched] = []
    groups: dict[str, list[str]] = defaultdict(list)
    for one in fact.items:
        origin = kept.get(one.from_location, "")
        if end is None or not end.open:
            refused.append(NotFetched(barcode=one.barcode, why=_(N_("调入馆藏地没有开放的服务点"))))
        elif not origin:
            refused.append(NotFetched(barcode=one.barcode, why=_(N_("原馆藏地没有所属服务点"))))
        else:
            groups[origin].append(one.barcode)
    lists: list[ListedItems] = []
    for origin, codes in sorted(groups.items()):
        lists += await _lists(work, fact, origin, to, codes, refused)
    work.emit(TransferPlanTakenUp(
        number=fact.number, count=sum(len(one.barcodes) for one in lists), refused_count=len(refused), lists=tuple(lists),
        refused=tuple(refused),
    ))


async def _lists(
    work: Work, fact: TransferPlanned, origin: str, to: str, codes: Sequence[str], refused: list[NotFetched]
) -> list[ListedItems]:
    found: list[Item] = []
    for code in sorted(codes):
        item = await find_and_lock(work.session, code)
        why = [Reason("unknown", N_("服务台没有这册书"))] if item is None else rules.objections(
            item, _target(fact), elsewhere=await open_list_of(work.session, item.id), wanted=await is_wanted(work.session, item.id),
        )
        if item is None or why:
            refused.append(NotFetched(barcode=code, why="；".join(str(one) for one in why)))
        else:
            found.append(item)
    done = []
    for at in range(0, len(found), rules.LARGEST):
        transfer = await _open(work, fact, origin, to)
        for item in found[at:at + rules.LARGEST]:
            work.session.add(TransferLine(
                transfer=transfer.number, item_id=item.id, barcode=item.barcode, title=item.title, call_number=item.call_number,
                from_location=item.location, from_name=item.location_name or item.location, price_fen=item.price_fen,
                state=LineState.listed, open=True,
            ))
        await work.session.flush()
        lines = await lines_of(work.session, transfer.number)
        work.emit(TransferApproved(**await about(work, transfer), count=len(lines)))
        done.append(ListedItems(number=transfer.number, origin=origin, barcodes=tuple(sorted(line.barcode for line in lines))))
    return done


def _target(fact: TransferPlanned) -> Transfer:
    """What the rules look at in a list: where to."""
    return Transfer(location=fact.location, location_name=fact.location_name, location_name_en=fact.location_name_en)


async def _open(work: Work, fact: TransferPlanned, origin: str, to: str) -> Transfer:
    transfer = Transfer(
        number=await work.number(rules.NUMBERS), origin=origin, to=to, location=fact.location, location_name=fact.location_name,
        location_name_en=fact.location_name_en, reason=fact.reason, plan=fact.number, state=TransferState.approved,
        correlation=work.correlation, made_at=work.now, made_by=fact.made_by, submitted_at=work.now, submitted_by=fact.made_by,
        approved_at=fact.approved_at, approved_by=fact.approved_by,
    )
    work.session.add(transfer)
    await work.session.flush()
    return transfer
