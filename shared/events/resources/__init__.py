"""What resource development tells the house: records, items, repairs, weeding."""

from shared.events.resources.items import (
    AboutItem,
    ItemCatalogued,
    ItemReadmitted,
    ItemRelocated,
    ItemWithdrawn,
    WeedingKept,
    WeedingProposed,
)
from shared.events.resources.records import (
    Bibliographic,
    ImportFinished,
    RecordAdded,
    RecordChanged,
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
    "AboutItem",
    "AboutRepair",
    "Bibliographic",
    "ImportFinished",
    "ItemCatalogued",
    "ItemReadmitted",
    "ItemRelocated",
    "ItemWithdrawn",
    "RecordAdded",
    "RecordChanged",
    "RecordSuppressed",
    "RepairCancelled",
    "RepairClosed",
    "RepairCompleted",
    "RepairIrreparable",
    "RepairOpened",
    "RepairReopened",
    "RepairStarted",
    "WeedingKept",
    "WeedingProposed",
]
