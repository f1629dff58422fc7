"""What resource development tells the house: records, items, repairs, weeding."""

from shared.events.resources.acquisitions import TITLE_STAGES, TitleProgressed
from shared.events.resources.handovers import (
    AboutHandover,
    HandedItem,
    HandoverSettled,
    ItemsHandedOver,
)
from shared.events.resources.items import (
    AboutItem,
    ItemCatalogued,
    ItemReadmitted,
    ItemRelocated,
    ItemWithdrawn,
    WeedingKept,
    WeedingProposed,
    disc_title,
)
from shared.events.resources.records import (
    Bibliographic,
    ImportFinished,
    RecordAdded,
    RecordChanged,
    RecordDiscarded,
    RecordProofread,
    RecordSaved,
    RecordSuppressed,
)
from shared.events.resources.repairs import (
    AboutRepair,
    RepairCancelled,
    RepairClosed,
    RepairCompleted,
    RepairIrreparable,
    RepairOpened,
    RepairReopened,
    RepairStarted,
)
from shared.events.resources.selections import (
    AboutSelection,
    SelectionConfirmed,
    SelectionSentBack,
    SelectionSubmitted,
)
from shared.events.resources.suggestions import (
    DECISIONS,
    AboutProposal,
    SuggestionChecked,
    SuggestionDecided,
    SuggestionDropped,
)

__all__ = [
    "DECISIONS",
    "TITLE_STAGES",
    "AboutHandover",
    "AboutItem",
    "AboutProposal",
    "AboutRepair",
    "AboutSelection",
    "Bibliographic",
    "HandedItem",
    "HandoverSettled",
    "ImportFinished",
    "ItemCatalogued",
    "ItemReadmitted",
    "ItemRelocated",
    "ItemWithdrawn",
    "ItemsHandedOver",
    "RecordAdded",
    "RecordChanged",
    "RecordDiscarded",
    "RecordProofread",
    "RecordSaved",
    "RecordSuppressed",
    "RepairCancelled",
    "RepairClosed",
    "RepairCompleted",
    "RepairIrreparable",
    "RepairOpened",
    "RepairReopened",
    "RepairStarted",
    "SelectionConfirmed",
    "SelectionSentBack",
    "SelectionSubmitted",
    "SuggestionChecked",
    "SuggestionDecided",
    "SuggestionDropped",
    "TitleProgressed",
    "WeedingKept",
    "WeedingProposed",
    "disc_title",
]
