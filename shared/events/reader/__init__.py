"""What reader services tell the house: patrons, loans, holds, transits, charges, damage, re-inspection."""

from shared.events.reader.charges import (
    ChargeMade,
    ChargeSettled,
)
from shared.events.reader.damage import (
    AboutDamage,
    DamageWithdrawn,
    InspectionFailed,
    InspectionOpened,
    InspectionPassed,
    ItemDamaged,
    ItemIrreparable,
    ItemMended,
)
from shared.events.reader.holds import (
    AboutHold,
    HoldEnded,
    HoldMoved,
    HoldPaused,
    HoldPlaced,
    HoldPostponed,
    HoldReady,
)
from shared.events.reader.loans import (
    AboutItem,
    ItemLent,
    ItemReturned,
    ItemShelved,
    LoanReminded,
    LoanRenewed,
    LoanUndone,
    ReturnUndone,
)
from shared.events.reader.patrons import (
    CardStateChanged,
    PatronRegistered,
)
from shared.events.reader.transit import (
    AboutTransit,
    ItemArrived,
    ItemLostInTransit,
    ItemSent,
)

__all__ = [
    "AboutDamage",
    "AboutHold",
    "AboutItem",
    "AboutTransit",
    "CardStateChanged",
    "ChargeMade",
    "ChargeSettled",
    "DamageWithdrawn",
    "HoldEnded",
    "HoldMoved",
    "HoldPaused",
    "HoldPlaced",
    "HoldPostponed",
    "HoldReady",
    "InspectionFailed",
    "InspectionOpened",
    "InspectionPassed",
    "ItemArrived",
    "ItemDamaged",
    "ItemIrreparable",
    "ItemLent",
    "ItemLostInTransit",
    "ItemMended",
    "ItemReturned",
    "ItemSent",
    "ItemShelved",
    "LoanReminded",
    "LoanRenewed",
    "LoanUndone",
    "PatronRegistered",
    "ReturnUndone",
]
