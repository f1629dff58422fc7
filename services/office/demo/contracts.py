"""A year that will be closed, and contracts at several steps: one in force that ends soon and was prepaid, one at the legal review, one sent back, one to be signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.office.money.carryover.register import REGISTER as CARRY_OVERS
from services.office.money.contracts.model import Contract
from services.office.money.contracts.register import REGISTER
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from services.office.money.terms.register import REGISTER as TERMS
from services.office.people.obligations.rules import period_of
from shared.demo import person
from shared.service import Kit
from shared.settings import LOCAL
from shared.web.register import Upload

Step = tuple[str, str, dict[str, Any]]
SAY = {"opinion": "条款齐备，同意"}
SUBMIT: Step = ("submit", "tec-eqp", {})
BUSINESS: Step = ("business", "head-tech", SAY)
FINANCE: Step = ("finance", "off-fin", SAY)
LEGAL: Step = ("legal", "head-office", SAY)
APPROVE: Step = ("approve", "director", SAY)

# subject, party, yuan, prepayment in per cent, days until it ends, steps
CONTRACTS: tuple[tuple[str, str, str, int, int, tuple[Step, ...]], ...] = (
    ("门禁与防盗系统年度维保", "江畔电子", "36000.00", 30, 25, (SUBMIT, BUSINESS, FINANCE, APPROVE, ("sign", "tec-eqp", {}), ("start", "tec-eqp", {}))),
    ("古籍善本数字化加工", "云山数字科技", "86000.00", 20, 300, (SUBMIT, BUSINESS, FINANCE)),
    ("自助借还机租用", "城东自动化", "48000.00", 0, 365, (SUBMIT, BUSINESS, ("return", "off-fin", {"return_reason": "缺违约与验收条款"}))),
    ("报告厅音响更新", "江畔电子", "49800.00", 10, 180, (SUBMIT, BUSINESS, FINANCE, APPROVE)),
)
# A plain page; the demonstration needs a paper to open, not a real one.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


async def sign_contracts(kit: Kit) -> None:
    """Everything through the real steps, a few weeks ago."""
    async with kit.works.open() as work:
        if await work.session.scalar(select(Contract.id).where(Contract.reference == "").limit(1)):
            return
    digest, size = await kit.files.put(PAPER)
    async with kit.works.open(person("off-fin")) as work:
        await CARRY_OVERS.open(work, year=work.today.year, note="预演：看看年底哪些要结转")
        await TERMS.open(
            work, term=period_of("term", work.today).name, risks="外文书价与汇率上升", proposals="下学期起外文图书按季下单",
        )
    at = datetime.now(UTC) - timedelta(days=2)
    year = at.astimezone(LOCAL).year
    for subject, party, yuan, prepay, days, steps in CONTRACTS:
        async with kit.works.open(person("tec-eqp"), now=at) as work:
            no = (await REGISTER.open(
                work, subject=subject, party=party, amount=yuan, fund=f"JF{year}-0001", prepay_percent=prepay,
                from_on=work.today.isoformat(), to_on=(work.today + timedelta(days=days)).isoformat(),
                plan=f"{work.today + timedelta(days=10)} {yuan} 验收后付款", clauses="质保一年；逾期按日千分之一付违约金",
            )).no
        for action, who, asked in steps:
            async with kit.works.open(person(who), now=at) as work:
                said = asked if action != "sign" else {
                    "signed_on": work.today.isoformat(), "signer": "王敏", "seal_no": f"YY{year}-031",
                    "signed_copy": [Upload("维保合同.pdf", "application/pdf", size, digest)],
                }
                await REGISTER.move(work, no, action, **said)
        if subject == CONTRACTS[0][0]:
            await _prepay(kit, no, at)


async def _prepay(kit: Kit, contract: str, at: datetime) -> None:
    async with kit.works.open(person("off-adm"), now=at) as work:
        voucher = (await VOUCHERS.open(
            work, direction="spending", subject="门禁维保预付款", amount="10800.00", party="江畔电子", made_on=work.today.isoformat(),
            contract=contract, prepayment=True,
        )).no
    for action, who, asked in (("audit", "off-fin", {}), ("approve", "director", {}), ("execute", "off-fin", {"method": "财务处转账"})):
        async with kit.works.open(person(who), now=at) as work:
            await VOUCHERS.move(work, voucher, action, **asked)
