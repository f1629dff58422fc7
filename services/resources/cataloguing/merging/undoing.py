"""Taking a merge apart again, as long as nothing new hangs on it."""

from __future__ import annotations

from sqlalchemy import select, update

from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.merging import finding, following, rules
from services.resources.cataloguing.merging.commands import Pair, about, lock_case
from services.resources.cataloguing.merging.model import Likeness, Merge, MergeState, Verdict
from services.resources.cataloguing.records.model import RecordState
from services.resources.cataloguing.records.rules import PROOFREADERS, added
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions.model import Origin
from services.resources.cataloguing.versions.queries import open_of
from services.resources.cataloguing.versions.rules import same
from shared.events.resources import RecordUnmerged
from shared.i18n import N_, _
from shared.refusals import Reason
from shared.states import step
from shared.work import Work


async def undo(work: Work, no: str, *, reason: str) -> Merge:
    """Both records stand as before, each with what it had; what came to the survivor since stays with it."""
    work.actor.require(*PROOFREADERS)
    case, pair = await lock_case(work, no)
    then = step(rules.LIFE, case.state, "undo")
    said = rules.why(reason)
    if found := await newer(work, case, pair):
        raise rules.UndoRefused(found)
    into, gone = pair
    await _take_back(work, case, pair)
    await following.move_back(work, case.moved, gone=gone, into=into)
    gone.merged_into, gone.state, gone.updated_at = None, RecordState(case.was_state), work.now
    case.state, case.undone_by, case.undone_at, case.answer = then, work.actor.id, work.now, said
    await work.flush()
    one, other = sorted((case.into_id, case.gone_id))
    await work.session.execute(update(Likeness).where(
        Likeness.a_id == one, Likeness.b_id == other, Likeness.verdict == Verdict.merged
    ).values(verdict=Verdict.open, decided_by="", decided_at=None, note=""))
    await finding.group(work)
    work.emit(RecordUnmerged(**about(case, pair), reason=said))
    if gone.state is RecordState.released:
        work.emit(added(str(gone.id), gone.number, project(Record.from_json(gone.fields)), gone.call_number))
    return case


async def newer(work: Work, case: Merge, pair: Pair) -> list[Reason]:
    """What has happened since, all of it."""
    into, _gone = pair
    found = []
    if into.merged_into is not None:
        found.append(Reason("undo.merged-on", N_("{number} 后来又并入了别的记录，请先撤销那次合并"), params={"number": into.number}))
    elif into.revision != (case.written or case.into_revision):
        found.append(Reason("undo.edited", N_("{number} 在合并之后又修改过"), params={"number": into.number}))
    if left := await following.left_since(work, case.moved, into=into):
        found.append(Reason("undo.items", N_("随之转来的单册已剔除或改编到别处：{barcodes}"), params={"barcodes": "、".join(left)}))
    later = await work.session.scalar(select(Merge.no).where(
        (Merge.into_id == into.id) | (Merge.gone_id == into.id), Merge.state == MergeState.proposed
    ).limit(1))
    if later:
        found.append(Reason("undo.waits", N_("{number} 正在合并单 {merge} 中等待复核"), params={"number": into.number, "merge": later}))
    return found


async def _take_back(work: Work, case: Merge, pair: Pair) -> None:
    """The words the merge brought go: a correction nobody has read yet is dropped, what patrons see is restored."""
    if not case.written:
        return
    opened = await open_of(work.session, pair.into.id)
    if opened is not None and opened.no == case.written:
        await versions.throw_away(work, pair.into, opened)
        return
    before = Record.from_json(case.before)
    if not same(before, Record.from_json(pair.into.fields)):
        said = _(N_("撤销合并 {merge}"), merge=case.no)
        await versions.adopt(work, pair.into, before, reason=said, origin=Origin.restored, made_by=work.actor.id)


