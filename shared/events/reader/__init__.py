"""What reader services tell the house: patrons, loans, holds, charges, damage, re-inspection."""

from shared.events.reader.charges import (
    ChargeMade,
    ChargeSettled,
)
from shared.events.reader.clearance import (
    ClearanceCancelled,
    ClearanceClosed,
    ClearanceGranted,
    ClearanceOpened,
    ClearanceRevoked,
    LoanLinksCut,
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
    CardFileApplied,
    CardReissued,
    CardStateChanged,
    OrientationPassed,
    PatronChanged,
    PatronRegistered,
)

__all__ = [
    "AboutDamage",
    "AboutHold",
    "AboutItem",
    "CardFileApplied",
    "CardReissued",
    "CardStateChanged",
    "ChargeMade",
    "ChargeSettled",
    "ClearanceCancelled",
    "ClearanceClosed",
    "ClearanceGranted",
    "ClearanceOpened",
    "ClearanceRevoked",
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
    "LoanLinksCut",
    "LoanReminded",
    "LoanRenewed",
    "LoanUndone",
    "OrientationPassed",
    "PatronChanged",
    "PatronRegistered",
    "ReturnUndone",
]
