"""An evaluation, its lines, what is said of each class, and what is proposed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class EvaluationState(Choice):
    """How far an evaluation is."""

    draft = "draft", N_("编制中"), "warning"
    submitted = "submitted", N_("待审核"), "info"
    published = "published", N_("已发布"), "success"


class Carrier(Choice):
    """Which material is looked at."""

    all = "all", N_("全部载体"), "secondary"
    book = "book", N_("图书"), "info"
    serial = "serial", N_("连续出版物"), "info"
    other = "other", N_("其他载体"), "info"


class Norm(Choice):
    """Which teaching condition the stock is held against."""

    comprehensive = "comprehensive", N_("综合、师范类（生均 100 册，年进 4 册）"), "info"
    engineering = "engineering", N_("理工、农医类（生均 80 册，年进 3 册）"), "info"


class Audience(Choice):
    """Who may read it once it is published."""

    internal = "internal", N_("馆内"), "secondary"
    readers = "readers", N_("读者也可看"), "success"


class Grade(Choice):
    """What should be done with a class."""

    expand = "expand", N_("扩充"), "success"
    keep = "keep", N_("保持"), "info"
    shrink = "shrink", N_("压缩"), "warning"
    relocate = "relocate", N_("转密集库"), "secondary"
    weed = "weed", N_("剔旧"), "danger"


class By(Choice):
    """By what a table is broken down."""

    clc = "clc", N_("按中图法大类"), "info"
    location = "location", N_("按馆藏地"), "info"
    cell = "cell", N_("馆藏地 × 类 × 文种"), "info"
    all = "all", N_("合计"), "info"


class Measure(Choice):
    """What a proposal asks for."""

    buy = "buy", N_("增购"), "success"
    reduce = "reduce", N_("减购"), "warning"
    relocate = "relocate", N_("调整布局"), "info"
    weed = "weed", N_("剔旧"), "danger"


class ProposalState(Choice):
    """How far a proposal is."""

    proposed = "proposed", N_("待答复"), "warning"
    accepted = "accepted", N_("采纳，待落实"), "info"
    declined = "declined", N_("不采纳"), "secondary"
    done = "done", N_("已落实"), "success"


class Led(Choice):
    """What a proposal led to."""

    transfer = "transfer", N_("调拨计划"), "info"
    weeding = "weeding", N_("剔旧清册"), "danger"
    plan = "plan", N_("采购计划"), "success"


class Evaluation(Searchable, Case, Base):
    """Months `month_from` to `month_to` (`2026-01`), that is days from `first` to before `until`; empty filters mean all."""

    __tablename__ = "evaluation"
    __search__ = ("no", "title")

    title: Mapped[str]
    month_from: Mapped[str]
    month_to: Mapped[str]
    first: Mapped[date]
    until: Mapped[date]
    subject: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    carrier: Mapped[Carrier] = mapped_column(default=Carrier.all)
    # People served; 0 when the stock is not held against a head count.
    readers: Mapped[int] = mapped_column(default=0)
    norm: Mapped[Norm] = mapped_column(default=Norm.comprehensive)
    copies: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    loans: Mapped[int] = mapped_column(default=0)
    computed_at: Mapped[datetime | None]
    conclusion: Mapped[str] = mapped_column(default="")
    audience: Mapped[Audience] = mapped_column(default=Audience.internal)
    submitted_by: Mapped[str] = mapped_column(default="")
    published_by: Mapped[str] = mapped_column(default="")
    published_on: Mapped[date | None]


class EvaluationLine(Base):
    """Counts of one class, place, cell, or the whole; money in fen. Rates are made of these where they are shown."""

    __tablename__ = "evaluation_line"
    __audit__ = False

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    grouping: Mapped[By] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(primary_key=True, default="")
    clc: Mapped[str] = mapped_column(primary_key=True, default="")
    language: Mapped[str] = mapped_column(primary_key=True, default="")
    titles: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    value_cents: Mapped[int] = mapped_column(default=0)
    # Copies of titles that appeared in the last five years.
    recent: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    added_cents: Mapped[int] = mapped_column(default=0)
    loans: Mapped[int] = mapped_column(default=0)
    in_house: Mapped[int] = mapped_column(default=0)
    # Copies lent at least once, and copies nobody touched.
    lent: Mapped[int] = mapped_column(default=0)
    zero: Mapped[int] = mapped_column(default=0)
    # Holds, holds that were in vain, and readers who suggested a title.
    requests: Mapped[int] = mapped_column(default=0)
    unmet: Mapped[int] = mapped_column(default=0)
    suggested: Mapped[int] = mapped_column(default=0)
    # What the rule makes of it; only classes are graded.
    grade: Mapped[Grade | None]


class Opinion(Base):
    """What whoever evaluates says of a class; a grade that differs from the rule's has a remark."""

    __tablename__ = "evaluation_opinion"

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    clc: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[Grade]
    comment: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime]


class EvaluationProposal(Searchable, Case, Base):
    """A line of what should follow; it goes on after the evaluation was published."""

    __tablename__ = "evaluation_proposal"
    __search__ = ("no", "evaluation", "text")
    __table_args__ = (Index("ix_evaluation_proposal_evaluation", "evaluation", "clc"), CheckConstraint("copies >= 0", name="copies"))

    # The evaluation it came from; empty where somebody thought of it by hand.
    evaluation: Mapped[str] = mapped_column(default="")
    clc: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    measure: Mapped[Measure]
    # Where to, of a proposal to move.
    target: Mapped[str] = mapped_column(default="")
    copies: Mapped[int] = mapped_column(default=0)
    text: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    done_on: Mapped[date | None]


class ProposalStep(Base):
    """A case that was opened because of a proposal; `number` is what it is called where it is done."""

    __tablename__ = "evaluation_proposal_step"
    __audit__ = False
    __table_args__ = (UniqueConstraint("proposal", "kind", "number", name="uq_evaluation_proposal_step"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    proposal: Mapped[str] = mapped_column(ForeignKey("evaluation_proposal.no"))
    kind: Mapped[Led]
    number: Mapped[str]
    copies: Mapped[int] = mapped_column(default=0)
    by: Mapped[str]
    at: Mapped[datetime]
