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
    LoanRecalled,
    LoanReminded,
    LoanRenewed,
    LoanUndone,
    ReturnUndone,
)
from shared.events.reader.patrons import (
    CardStateChanged,
    PatronRegistered,
)
from shared.events.reader.policies import LoanRulesActivated

__all__ = [
    "AboutDamage",
    "AboutHold",
    "AboutItem",
    "CardStateChanged",
    "ChargeMade",
    "ChargeSettled",
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
    "LoanRecalled",
    "LoanReminded",
    "LoanRenewed",
    "LoanRulesActivated",
    "LoanUndone",
    "PatronRegistered",
    "ReturnUndone",
]
