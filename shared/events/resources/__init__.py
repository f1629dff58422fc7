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
)
from shared.events.resources.orders import (
    FundSum,
    InvoiceSubmitted,
    OrderAccepted,
    OrderCancelled,
    OrderParked,
    OrderPlaced,
    PaymentShare,
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
    "TITLE_STAGES",
    "AboutHandover",
    "AboutItem",
    "AboutRepair",
    "Bibliographic",
    "FundSum",
    "HandedItem",
    "HandoverSettled",
    "ImportFinished",
    "InvoiceSubmitted",
    "ItemCatalogued",
    "ItemReadmitted",
    "ItemRelocated",
    "ItemWithdrawn",
    "ItemsHandedOver",
    "OrderAccepted",
    "OrderCancelled",
    "OrderParked",
    "OrderPlaced",
    "PaymentShare",
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
    "TitleProgressed",
    "WeedingKept",
    "WeedingProposed",
]
