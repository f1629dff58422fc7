"""What can both be true: a scan made without a network, and what happened meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.reader.desk.circulation.model import Loan
from services.reader.desk.offline.model import Device, DeviceState, Result, Scan
from services.reader.desk.patrons.model import Patron
from shared.i18n import N_
from shared.refusals import NotFound, Reason, Refusal

NUMBERS = "DX"
LARGEST = 500
OLDEST = timedelta(days=30)
OPEN = {Result.conflict, Result.refused}

LIFE: dict[tuple[DeviceState, str], DeviceState] = {
    (DeviceState.asked, "approve"): DeviceState.active,
    (DeviceState.asked, "stop"): DeviceState.stopped,
    (DeviceState.active, "stop"): DeviceState.stopped,
}


class UnknownDevice(NotFound):
    """No device bears this id."""

    code = "unknown-device"
    message = N_("没有登记这台设备")


class DeviceNotActive(Refusal):
    """A head has not approved the device, or has stopped it."""

    code = "device-not-active"
    status = 403
    message = N_("这台设备未获批准或已停用，请找责任人")


class BadKey(Refusal):
    """Not a public key of the kind we verify."""

    code = "bad-key"
    status = 422
    message = N_("设备公钥无效")


class BadSignature(Refusal):
    """Somebody else signed, or something was changed on the way."""

    code = "bad-signature"
    status = 422
    message = N_("签名不符，未收；扫描仍保留在设备上")


class BrokenChain(Refusal):
    """Scans are missing or were changed."""

    code = "broken-chain"
    status = 409
    message = N_("扫描序列不连续，未收；请找责任人核对设备")


class OtherBatch(Refusal):
    """The same batch number with other contents."""

    code = "other-batch"
    status = 409
    message = N_("同号批次内容不同，未收")


class AlreadyDecided(Refusal):
    """Somebody has settled this scan."""

    code = "already-decided"
    message = N_("这一条已经核过")


def shape(code: str) -> str:
    """Digits become 9, letters A: `20231001` is `99999999`."""
    return "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in code)


def moment(at: datetime, now: datetime) -> datetime:
    """When a scan counts as made: a clock that is ahead cannot lend tomorrow, one far behind not last year."""
    return min(max(at, now - OLDEST), now)


def lend_clash(loan: Loan | None, patron: Patron, at: datetime) -> tuple[Result, list[Reason]] | None:
    """Whether the loan that is open now leaves room for the one that was scanned."""
    if loan is None:
        return None
    if loan.patron_id == patron.id:
        return Result.already, [Reason("already-with-this-patron", N_("该读者已借此册，不必再借"))]
    if loan.lent_at > at:
        return Result.conflict, [Reason("lent-meanwhile", N_("此后已借给另一位读者，请核对书在谁手里"))]
    return Result.conflict, [Reason("still-with-another", N_("扫描时该册还在另一位读者名下，请核对是否漏办还书"))]


def return_clash(loan: Loan | None, came_back: bool, at: datetime) -> tuple[Result, list[Reason]] | None:
    """Whether the return still has something to return."""
    if loan is None:
        return (Result.already, [Reason("already-back", N_("已办还书"))]) if came_back else None
    if loan.lent_at > at:
        return Result.conflict, [Reason("lent-since-return", N_("此后又借出，未动新的借阅；请核对扫描时的还书"))]
    return None


def can_take_over(scan: Scan) -> bool:
    """A loan that waited for a return nobody recorded: return and loan are recorded together."""
    return scan.mode == "lend" and any(r["code"] == "still-with-another" for r in scan.reasons)


def believed(device: Device) -> None:
    """Refuse a device nobody vouches for."""
    if device.state is not DeviceState.active:
        raise DeviceNotActive
