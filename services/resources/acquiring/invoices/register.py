"""The register of invoices."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.invoices import commands, rules
from services.resources.acquiring.invoices.model import Invoice, InvoiceKind, InvoiceState
from services.resources.acquiring.invoices.queries import page_of
from services.resources.acquiring.orders.queries import suggest_orders
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register
from shared.work import Work

SERVES = ("RES-ACQ-04",)


class InvoiceForm(BaseModel):
    """As the paper has it; the lines are what was accepted and not invoiced yet. A prepayment has none."""

    order_no: str = F(N_("订单"), min_length=3, max_length=40, source=suggest_orders)
    kind: InvoiceKind = F(N_("种类"), InvoiceKind.regular)
    contract: str = F(N_("合同编号"), "", max_length=40, help=N_("订单已注明合同的不必填；预付款须有合同，办公室按约定核对"))
    invoice_no: str = F(N_("发票号"), min_length=3, max_length=60)
    invoiced_on: date = F(N_("开票日期"))
    amount: Money = F(N_("发票金额"), gt=0, le=100_000_000_000)
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Correction(BaseModel):
    """What may be put right on an open invoice."""

    contract: str = F(N_("合同编号"), "", max_length=40)
    invoice_no: str = F(N_("发票号"), min_length=3, max_length=60)
    invoiced_on: date = F(N_("开票日期"))
    amount: Money = F(N_("发票金额"), gt=0, le=100_000_000_000)
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Submission(BaseModel):
    """Why the papers differ, if they do."""

    difference_reason: str = F(N_("差异说明"), "", max_length=300, rows=2, span=12, help=N_("与订单价格不同时必填"))


async def _take_in(work: Work, invoice: Invoice, _form: Any) -> None:
    await commands.take_in(work, invoice)


async def _submit(work: Work, invoice: Invoice, _form: Any) -> InvoiceState | None:
    return await commands.submit(work, invoice)


invoices = Register(
    "invoices", Invoice, dept="resources", title=N_("发票与付款"), icon="file-invoice", area=N_("采访"), serves=SERVES,
    number=rules.NUMBERS, help=N_("订单、验收、发票三方相符后提请办公室付款；验收人不能申请"), life=rules.LIFE, state=InvoiceState,
    form=InvoiceForm, edit_form=Correction, read=rules.READERS, create=rules.BUYERS, edit=rules.BUYERS,
    edit_in=(InvoiceState.draft, InvoiceState.returned), on_create=_take_in, attach=True,
    holders=lambda invoice: rules.BUYERS[:1] if invoice.state in ("draft", "returned") else (),
    title_of=lambda invoice: f"{invoice.invoice_no} {invoice.supplier_name}",
    search=("no", "invoice_no", "order_no", "supplier_name", "voucher", "contract"), filters={"invoiced_on": Filter(N_("开票日期"), kind="dates")},
    clashes={"uq_invoice_invoice_no": N_("这个发票号已经登记过")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("invoice_no", N_("发票号")),
        Col("order_no", N_("订单"), "link", link=lambda i: f"/resources/orders/{i.order_no}"), Col("supplier_name", N_("书商")),
        Col("kind"), Col("invoiced_on", N_("开票日期"), "date"), Col("amount", N_("发票金额"), "money"), Col("state"),
        Col("return_reason", N_("退回原因")), Col("difference_reason", N_("差异说明"), detail_only=True),
        Col("contract", N_("合同编号"), "link", link=lambda i: f"/office/contracts/{i.contract}" if i.contract else "", detail_only=True),
        Col("prepaid", N_("其中预付已抵"), "money", detail_only=True), Col("attempt", N_("提请次数"), "num", detail_only=True), Col("submitted_at", N_("提请时间"), "moment", detail_only=True),
        Col("voucher", N_("付款凭证"), "link", link=lambda i: f"/office/vouchers/{i.voucher}" if i.voucher else "", detail_only=True),
        Col("reversal", N_("冲销凭证"), "link", link=lambda i: f"/office/vouchers/{i.reversal}" if i.reversal else "", detail_only=True),
        Col("paid_on", N_("付款日期"), "date", detail_only=True), Col("created_by", N_("登记人"), "person", detail_only=True),
        Col("note", N_("说明"), detail_only=True),
    ],
    actions=[
        Action("submit", N_("提请付款"), rules.BUYERS, icon="send", tone="primary", ask=Submission, do=_submit, batch=False,
               note="difference_reason"),
        Action("cancel", N_("作废"), rules.BUYERS, icon="x", tone="danger", batch=False, row=False, confirm=N_("发票不付款，确定作废？")),
        Action("pay", N_("付款"), icon="cash", serves=()), Action("return", N_("退回"), icon="arrow-back-up", serves=()),
    ],
    panels=[Panel(N_("订单、验收、发票核对"), "invoices/match.html", page_of)],
)
