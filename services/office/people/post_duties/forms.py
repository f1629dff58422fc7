"""What is asked when a post is given, ended, or stood in for."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from shared.i18n import N_
from shared.web.register import F
from shared.web.register.people import suggest


class GiveForm(BaseModel):
    staff_no: str = F(N_("馆员"), source=suggest, help=N_("输入工号或姓名"), span=12)
    subposts: list[str] = F(N_("岗内位置"), [], kind="multi")
    valid_from: date = F(N_("任职自"), span=12)
    valid_to: date | None = F(N_("任职至"), None, help=N_("不填为长期"), span=12)
    reason: str = F(N_("依据"), "", max_length=200, span=12)


class StandInForm(BaseModel):
    absent: str = F(N_("离岗人"), source=suggest, help=N_("现任此岗的馆员"), span=12)
    stand_in: str = F(N_("顶班人"), source=suggest, span=12)
    valid_from: date = F(N_("顶班自"), span=12)
    valid_to: date = F(N_("顶班至"), span=12, help=N_("到期自行结束"))
    reason: str = F(N_("原因"), "", max_length=200, span=12)


class EndForm(BaseModel):
    valid_to: date = F(N_("最后一天"))
