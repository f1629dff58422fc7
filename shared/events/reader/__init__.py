"""What reader services tell the house: patrons, loans, holds, charges, damage, re-inspection."""

from shared.events.reader.cash import (
    CashBanked,
    CashCounted,
)
from shared.events.reader.charges import (
    ChargeMade,
    ChargeRefunded,
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
from shared.events.reader.losses import (
    AboutLoss,
    CompensationDropped,
    CompensationSet,
    ItemClaimedReturned,
    ItemLost,
    ItemRecovered,
    ItemReplaced,
    RefundAsked,
    RefundPaid,
    RefundRefused,
    RefundRequested,
    ReplacementAccepted,
)
from shared.events.reader.patrons import (
    CardStateChanged,
    PatronRegistered,
)

__all__ = [
    "AboutDamage",
    "AboutHold",
    "AboutItem",
    "AboutLoss",
    "CardStateChanged",
    "CashBanked",
    "CashCounted",
    "ChargeMade",
    "ChargeRefunded",
    "ChargeSettled",
    "CompensationDropped",
    "CompensationSet",
    "DamageWithdrawn",
    "HoldEnded",
    "HoldPlaced",
    "HoldPostponed",
    "HoldReady",
    "InspectionFailed",
    "InspectionOpened",
    "InspectionPassed",
    "ItemClaimedReturned",
    "ItemDamaged",
    "ItemIrreparable",
    "ItemLent",
    "ItemLost",
    "ItemMended",
    "ItemRecovered",
    "ItemReplaced",
    "ItemReturned",
    "ItemShelved",
    "LoanReminded",
    "LoanRenewed",
    "LoanUndone",
    "PatronRegistered",
    "RefundAsked",
    "RefundPaid",
    "RefundRefused",
    "RefundRequested",
    "ReplacementAccepted",
    "ReturnUndone",
]
