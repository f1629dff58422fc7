"""Long stories across departments, told again and again while parts die: each ends as it should or is a finding."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from tests.chaos.diary import Deed
from tests.chaos.people import Actor
from tests.support.days import local_day

# How long a fact may take from one department to the other, parts being dead meanwhile.
ARRIVES_WITHIN = 180.0
ORDERS, VOUCHERS = "/api/resources/orders", "/api/office/vouchers"


class Astray(Exception):
    """A story did not go on."""


class Story(Actor):
    """A story; what goes wrong in it is kept with where it stopped."""

    def __init__(
        self, *args: Any, stock: list[str], cards: list[str], record: str = "", codes: Iterator[str] = iter(()), **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.stock, self.cards, self.record, self.codes = stock, cards, record, codes
        self.told, self.broken = 0, list[tuple[str, list[str]]]()
        self.thread: list[str] = []

    async def turn(self) -> None:
        """From the beginning to the end."""
        self.thread = []
        try:
            await self.tell()
            self.told += 1
        except Astray as where:
            self.broken.append((str(where), list(self.thread)))
        await self.breathe(2)

    async def tell(self) -> None:
        """The story."""
        raise NotImplementedError

    async def must(self, verb: str, who: str, path: str, body: dict[str, Any] | None = None, *, about: str = "") -> Deed:
        """A command that can only be answered with yes."""
        deed = await self.send(verb, who, path, body, about=about or (self.thread[-1] if self.thread else ""))
        if not deed.done:
            raise Astray(f"{verb} ({deed.path} as {who}) was answered {deed.status} {deed.answer.get('reasons') or deed.answer}")
        return deed

    async def arrives(self, what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What another department must come to know by itself."""
        deadline = time.monotonic() + ARRIVES_WITHIN
        while not (found := await ask()):
            if time.monotonic() > deadline:
                raise Astray(f"{what} did not arrive within {ARRIVES_WITHIN:.0f} s")
            await asyncio.sleep(0.3)
        return found


class Damaged(Story):
    """Damage at the desk → mended in the workshop → judged at the desk → on the shelf."""

    async def tell(self) -> None:
        """One round of one book."""
        code = self.chance.choice(self.stock)
        self.thread.append(code)
        slip = (await self.must("report damage", "rdr-dsk", "/api/reader/damage-reports", {
            "barcode": code, "kind": "spine", "grade": "medium",
        })).answer["slip"]
        self.thread.append(slip)

        async def job() -> Any:
            page = await self.line.look("res-dig", f"/api/resources/repairs?q={slip}")
            return next((one["no"] for one in page.get("items", []) if one["slip"] == slip), None)

        number = await self.arrives(f"the repair of {slip}", job)
        await self.must("start repair", "res-dig", f"/api/resources/repairs/{number}/start", {"note": "书脊脱胶"})
        await self.must("finish repair", "res-dig", f"/api/resources/repairs/{number}/finish", {"note": "重新上胶"})

        async def inspection() -> Any:
            page = await self.line.look("rdr-dsk", f"/api/reader/inspections?state=waiting&slip={slip}")
            return next((one["id"] for one in page.get("items", [])), None)

        found = await self.arrives(f"the inspection of {slip}", inspection)
        passed = await self.must("pass inspection", "rdr-dsk2", f"/api/reader/inspections/{found}/pass", {"note": "牢固"})
        if passed.answer["next"] != "shelve":
            raise Astray(f"{code} goes to {passed.answer['next']} after its repair")


class Lost(Story):
    """Lent, declared lost, charged, paid or dropped, found again and given back in money: reader and office agree."""

    async def tell(self) -> None:
        """One loss; half of them end in money that goes back through the office."""
        code, card = self.chance.choice(self.stock), self.chance.choice(self.cards)
        pays = self.chance.random() < 0.6
        self.thread += [code, card]
        await self.must("lend", "rdr-cir", "/api/reader/loans", {"card": card, "barcode": code}, about=code)
        no = (await self.must("lose", "rdr-cir", "/api/reader/losses", {"barcode": code, "how": "declared", "note": ""}, about=code)).answer["no"]
        case = f"/api/reader/losses/{no}"
        self.thread.append(no)
        await self.must("compensate", "rdr-cir", f"{case}/compensate", {"price_cents": 5000})
        if not pays:
            await self.must("reconsider", "rdr-cir", f"{case}/reconsider")
            await self.must("find", "rdr-cir", f"{case}/found")
            return
        receipt = (await self.must("pay", "rdr-cir", "/api/reader/payments", {"card": card, "method": "card"}, about=card)).answer["receipt"]
        found = await self.must("find", "rdr-cir", f"{case}/found")
        if found.answer["state"] != "refundable":
            raise Astray(f"{no} is {found.answer['state']} after it was paid and found")
        await self.must("ask refund", "rdr-dsk", f"{case}/refund", {"receipt": receipt})
        await self.must("approve refund", "rdr-led", f"{case}/refund/decision", {"approve": True, "reason": "原书找回"})
        await pays_out(self, no)

        async def refunded() -> bool:
            return bool((await self.line.look("rdr-dsk", case)).get("state") == "refunded")

        await self.arrives(f"the refund of {no}", refunded)


class Bought(Story):
    """Wish → order → money held → received → invoice → voucher → paid: both sides of the budget agree."""

    async def tell(self) -> None:
        """One order; every fourth is cancelled in the end instead of received."""
        stops = self.chance.random() < 0.25
        copies = self.chance.randrange(1, 4)

        async def fund() -> Any:
            page = await self.line.look("off-fin", "/api/office/budgets?q=%E4%B8%AD%E6%96%87%E5%9B%BE%E4%B9%A6")
            return next((one["no"] for one in page.get("items", []) if one["state"] == "running"), None)

        budget = await self.arrives("the budget", fund)
        wish = (await self.must("wish", "res-acq", "/api/resources/desiderata", {
            "title": f"风暴中的书 {self.chance.randrange(10**9)}", "price_cents": 100 * self.chance.randrange(20, 90), "copies": copies,
        })).answer["no"]
        made = (await self.must("order", "res-acq", ORDERS, {"supplier": "江畔新华", "fund": budget})).answer["no"]
        self.thread += [wish, made]
        order = f"{ORDERS}/{made}"
        await self.must("order line", "res-acq", f"{order}/lines", {"desiderata": [wish]})
        await self.must("check order", "res-acq", f"{order}/check", {"again_reason": "复本"})
        await self.must("approve order", "head-resources", f"{order}/approve")
        await self.must("place order", "res-acq", f"{order}/place")

        async def stands(state: str) -> bool:
            return bool((await self.line.look("res-acq", order)).get("state") == state)

        await self.arrives(f"the money for {made}", lambda: stands("placed"))
        if stops:
            await self.must("cancel order", "res-acq", f"{order}/cancel", {"cancel_reason": "出版社停印"})
            return

        async def lines() -> Any:
            return (await self.line.look("res-acq", f"{order}/lines")).get("items")

        (line,) = await self.arrives(f"the lines of {made}", lines)
        got = (await self.must("deliver", "res-mgt", "/api/resources/acceptances", {
            "order_no": made, "arrived_on": local_day().isoformat(), "parcels": 1, "location": "sk-2f",
        })).answer["no"]
        self.thread.append(got)
        await self.must("count delivery", "res-mgt", f"/api/resources/acceptances/{got}/counts", {"line_id": line["id"], "arrived": copies})
        await self.must("accept delivery", "res-mgt", f"/api/resources/acceptances/{got}/accept")
        bill = (await self.must("invoice", "res-acq", "/api/resources/invoices", {
            "order_no": made, "invoice_no": f"F-{made}", "invoiced_on": local_day().isoformat(), "amount": line["net_cents"],
        })).answer["no"]
        self.thread.append(bill)
        await self.must("submit invoice", "res-acq", f"/api/resources/invoices/{bill}/submit")
        await pays_out(self, bill)
        await self.arrives(f"the payment of {bill}", lambda: stands("closed"))


async def pays_out(story: Story, reference: str) -> None:
    """The office's four signatures under what a department asked for."""
    async def voucher() -> Any:
        page = await story.line.look("off-fin", f"{VOUCHERS}?q={reference}")
        return next((one["no"] for one in page.get("items", [])), None)

    number = await story.arrives(f"the voucher of {reference}", voucher)
    story.thread.append(number)
    for verb, who, body in (("audit", "off-fin", {}), ("approve", "head-office", {}), ("execute", "off-fin", {"method": "转账"})):
        await story.must(f"{verb} voucher", who, f"{VOUCHERS}/{number}/{verb}", body, about=number)


class Counted(Story):
    """A stock-take: frozen, scanned with many a barcode twice, compared; every book is counted once."""

    async def tell(self) -> None:
        """One campaign over the class our books stand in."""
        no = (await self.must("plan count", "res-mgt", "/api/resources/stocktakes", {
            "title": "风暴清点", "places": ["sk-2f"], "call_from": "B0/1", "call_to": "B0/1",
        })).answer["no"]
        self.thread.append(no)
        await self.must("open count", "res-mgt", f"/api/resources/stocktakes/{no}/open")
        for _ in range(6):
            codes = self.chance.sample(self.stock, min(len(self.stock), self.chance.randrange(1, 5)))
            await self.must("scan", "res-mgt", f"/api/resources/stocktaking/{no}/scans", {"barcodes": codes, "place": "sk-2f"}, about=no)
            await self.breathe()
        await self.must("cancel count", "res-mgt", f"/api/resources/stocktakes/{no}/cancel")


class Handed(Story):
    """New books from the workroom to the desk: listed, checked, sent, counted in, lendable."""

    async def tell(self) -> None:
        """One box of two new books."""
        codes = [next(self.codes) for _ in range(2)]
        for code in codes:
            await self.must("catalogue", "res-mgt", "/api/resources/items", {
                "instance_id": self.record, "barcode": code, "location": "sk-2f", "call_number": "B0/1", "price_cents": 4200, "in_process": True,
            }, about=code)
        self.thread += codes

        async def known() -> bool:
            # The desk hears of the books before the box; until then it would not know what it counts.
            found = [await self.line.look("rdr-dsk", f"/api/reader/items/{code}") for code in codes]
            return all(found)

        await self.arrives(f"{codes} at the desk", known)
        number = (await self.must("fill box", "res-mgt", "/api/resources/handovers", {"point": "MAIN", "barcodes": codes})).answer["number"]
        self.thread.append(number)
        for code in codes:
            await self.must("check label", "res-mgt", f"/api/resources/handovers/{number}/checks", {"barcode": code}, about=code)
        await self.must("send box", "res-mgt", f"/api/resources/handovers/{number}/send")

        async def listed() -> Any:
            return await self.line.look("rdr-dsk", f"/api/reader/handovers/{number}")

        await self.arrives(f"the list of {number}", listed)
        for code in codes:
            await self.must("count in", "rdr-dsk", f"/api/reader/handovers/{number}/scans", {"barcode": code}, about=code)
        await self.must("confirm box", "rdr-dsk", f"/api/reader/handovers/{number}/confirm")

        async def confirmed() -> bool:
            return bool((await self.line.look("res-mgt", f"/api/resources/handovers/{number}")).get("state") == "confirmed")

        await self.arrives(f"the receipt of {number}", confirmed)
