"""What reader services tell the house: patrons, loans, holds, transits, charges, damage, re-inspection."""

from shared.events.reader.backissues import (
    AboutBundle,
    SerialBindingReady,
    SerialBindingReturned,
    SerialBindingSent,
    SerialDisposalAsked,
    SerialDisposalDecided,
    SerialsBundled,
    SerialsUnbundled,
    SerialVolumeShelved,
)
from shared.events.reader.cash import (
    CashBanked,
    CashCounted,
)
from shared.events.reader.charges import (
    ChargeMade,
    ChargeRefunded,
    ChargeSettled,
    RefundTakenBack,
)
from shared.events.reader.clearance import (
    ClearanceCancelled,
    ClearanceClosed,
    ClearanceGranted,
    ClearanceOpened,
    ClearanceRevoked,
    LoanLinksCut,
)
from shared.events.reader.consortium import (
    AboutBox,
    ForeignItemReceived,
    SettlementClosed,
    TransitBoxReceived,
    TransitBoxSent,
    UnionCardIssued,
    UnionDepositKept,
    UnionDepositRefunded,
    UnionFileApplied,
    UnionRefundAsked,
    UnionRefundRefused,
    UnionRefundRequested,
    UnionRefundUndone,
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
    TerminalChanged,
)
from shared.events.reader.discs import (
    AboutDiscCheck,
    DiscCheckDropped,
    DiscCheckFailed,
    DiscCheckOpened,
    DiscCheckPassed,
)
from shared.events.reader.handovers import (
    AboutReceiving,
    CountedItem,
    ExtraItem,
    HandoverAwaited,
    HandoverConfirmed,
    HandoverDisputed,
    ReturnedItem,
)
from shared.events.reader.holds import (
    AboutErrand,
    AboutHold,
    ErrandGivenUp,
    ErrandTaken,
    HoldEnded,
    HoldMoved,
    HoldPaused,
    HoldPlaced,
    HoldPostponed,
    HoldReady,
    HoldRedirected,
    HoldRetargeted,
)
from shared.events.reader.loans import (
    AboutItem,
    ItemBarcodeReplaced,
    ItemLent,
    ItemReturned,
    ItemShelved,
    LoanRecalled,
    LoanReminded,
    LoanRenewed,
    LoanUndone,
    RenewalUndone,
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
    OriginalFound,
    OriginalSettled,
    RefundAsked,
    RefundPaid,
    RefundRefused,
    RefundRequested,
    ReplacementAccepted,
)
from shared.events.reader.ondemand import OfferUsed
from shared.events.reader.patrons import (
    CardFileApplied,
    CardReissued,
    CardStateChanged,
    OrientationPassed,
    OrientationWithdrawn,
    PatronChanged,
    PatronRegistered,
)
from shared.events.reader.policies import LoanRulesActivated
from shared.events.reader.refunds import RefundUndone
from shared.events.reader.routing import (
    AboutSlip,
    RoutingEnded,
    RoutingOverdue,
    RoutingPassed,
)
from shared.events.reader.serials import (
    AboutIssue,
    SerialGapClosed,
    SerialMissing,
    SerialsHandedOver,
    SerialsShelved,
    SerialsStamped,
)
from shared.events.reader.service_points import ServicePointSaved
from shared.events.reader.signing import (
    AboutSignOff,
    SignOffAnswered,
    SignOffAsked,
    SignOffClosed,
    SignOffUsed,
)
from shared.events.reader.suggestions import (
    AboutSuggestion,
    DemandUnmet,
    SuggestionSubmitted,
    SuggestionWithdrawn,
)
from shared.events.reader.transfers import (
    AboutTransfer,
    ItemTransferred,
    ListedItems,
    NotFetched,
    TransferApproved,
    TransferCancelled,
    TransferClosed,
    TransferPlanTakenUp,
    TransferSent,
    TransferSentBack,
    TransferSubmitted,
)
from shared.events.reader.transit import (
    AboutTransit,
    ItemArrived,
    ItemLostInTransit,
    ItemSent,
)
from shared.events.reader.weeding import AboutPull, PulledItem, WeedingPulled, WeedingSuggested

__all__ = [
    "AboutBox", "AboutBundle", "AboutDamage", "AboutDiscCheck", "AboutErrand", "AboutHold", "AboutIssue",
    "AboutItem", "AboutLoss", "AboutPull", "AboutReceiving", "AboutSignOff", "AboutSlip", "AboutSuggestion",
    "AboutTransfer", "AboutTransit", "CardFileApplied", "CardReissued", "CardStateChanged", "CashBanked",
    "CashCounted", "ChargeMade", "ChargeRefunded", "ChargeSettled", "ClearanceCancelled", "ClearanceClosed",
    "ClearanceGranted", "ClearanceOpened", "ClearanceRevoked", "CompensationDropped", "CompensationSet",
    "ConsentGiven", "ConsentRevoked", "CountedItem", "DamageWithdrawn", "DemandUnmet", "DiscCheckDropped",
    "DiscCheckFailed", "DiscCheckOpened", "DiscCheckPassed", "ErrandGivenUp", "ErrandTaken", "ExtraItem",
    "ForeignItemReceived", "HandoverAwaited", "HandoverConfirmed", "HandoverDisputed", "HoldEnded", "HoldMoved",
    "HoldPaused", "HoldPlaced", "HoldPostponed", "HoldReady", "HoldRedirected", "HoldRetargeted",
    "InspectionFailed", "InspectionOpened", "InspectionPassed", "ItemArrived", "ItemBarcodeReplaced",
    "ItemClaimedReturned", "ItemDamaged", "ItemIrreparable", "ItemLent", "ItemLost", "ItemLostInTransit",
    "ItemMended", "ItemRecovered", "ItemReplaced", "ItemReturned", "ItemSent", "ItemShelved", "ItemTransferred",
    "ItemUsedInHouse", "ListedItems", "LoanLinksCut", "LoanRecalled", "LoanReminded", "LoanRenewed",
    "LoanRulesActivated", "LoanUndone", "NotFetched", "OfferUsed", "OfflineReplayed", "OfflineSettled",
    "OrientationPassed", "OrientationWithdrawn", "OriginalFound", "OriginalSettled", "PatronChanged",
    "PatronRegistered", "PulledItem", "RefundAsked", "RefundPaid", "RefundRefused", "RefundRequested",
    "RefundTakenBack", "RefundUndone", "RenewalUndone", "ReplacementAccepted", "ReturnUndone", "ReturnedItem",
    "RoutingEnded", "RoutingOverdue", "RoutingPassed", "SerialBindingReady", "SerialBindingReturned",
    "SerialBindingSent", "SerialDisposalAsked", "SerialDisposalDecided", "SerialGapClosed", "SerialMissing",
    "SerialVolumeShelved", "SerialsBundled", "SerialsHandedOver", "SerialsShelved", "SerialsStamped",
    "SerialsUnbundled", "ServicePointSaved", "SettlementClosed", "SignOffAnswered", "SignOffAsked", "SignOffClosed",
    "SignOffUsed", "SuggestionSubmitted", "SuggestionWithdrawn", "TerminalChanged", "TransferApproved",
    "TransferCancelled", "TransferClosed", "TransferPlanTakenUp", "TransferSent", "TransferSentBack",
    "TransferSubmitted", "TransitBoxReceived", "TransitBoxSent", "UnionCardIssued", "UnionDepositKept",
    "UnionDepositRefunded", "UnionFileApplied", "UnionRefundAsked", "UnionRefundRefused", "UnionRefundRequested",
    "UnionRefundUndone", "WeedingPulled", "WeedingSuggested",
]
