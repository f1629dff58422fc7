"""What reader services tell the house: patrons, loans, holds, charges, damage, re-inspection."""

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
from shared.events.reader.desk import (
    ConsentGiven,
    ConsentRevoked,
    ItemUsedInHouse,
    OfflineReplayed,
    OfflineSettled,
)
from shared.events.reader.holds import (
    AboutHold,
    HoldEnded,
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
    RenewalUndone,
    ReturnUndone,
)
from shared.events.reader.patrons import (
    CardStateChanged,
    PatronRegistered,
)

__all__ = [
    "AboutDamage",
    "AboutHold",
    "AboutItem",
    "CardStateChanged",
    "ChargeMade",
    "ChargeSettled",
    "ConsentGiven",
    "ConsentRevoked",
    "DamageWithdrawn",
    "HoldEnded",
    "HoldPlaced",
    "HoldPostponed",
    "HoldReady",
    "InspectionFailed",
    "InspectionOpened",
    "InspectionPassed",
    "ItemDamaged",
    "ItemIrreparable",
    "ItemLent",
    "ItemMended",
    "ItemReturned",
    "ItemShelved",
    "ItemUsedInHouse",
    "LoanReminded",
    "LoanRenewed",
    "LoanUndone",
    "OfflineReplayed",
    "OfflineSettled",
    "PatronRegistered",
    "RenewalUndone",
    "ReturnUndone",
]
