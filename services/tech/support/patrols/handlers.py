"""Who holds a patrolling post owes a patrol."""

from __future__ import annotations

from sqlalchemy import update

from services.tech.support.patrols import commands, rules
from services.tech.support.patrols.model import Watch
from shared.events.office import PostAssigned, PostEnded
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(PostAssigned)
async def set_watch_on_post_assigned(work: Work, event: PostAssigned) -> None:
    if event.post in rules.POSTS:
        await commands.set_watch(
            work, holding_id=event.holding_id, walker=event.staff_no, post=event.post,
            valid_from=event.valid_from, valid_to=event.valid_to,
        )


@handlers.on(PostEnded)
async def end_watch_on_post_ended(work: Work, event: PostEnded) -> None:
    await work.session.execute(
        update(Watch).where(Watch.holding_id == event.holding_id).values(valid_to=event.valid_to)
    )
