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

__all__ = [
    "TITLE_STAGES",
    "AboutHandover",
    "AboutItem",
    "AboutRepair",
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
    "TitleProgressed",
    "WeedingKept",
    "WeedingProposed",
    "disc_title",
]
