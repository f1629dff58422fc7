"""Every column that could be somebody's says whether it is, and no export forgets to veil it.

covers: RDR-LED-FRD-03, RDR-DSK-BAS-04
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from deploy.access import services
from shared.veil import KINDS, veiled
from tests.architecture.tree import ROOT

TELLING = re.compile(
    r"(^|_)(name|card|phone|mobile|tel|e?mail|address|contact|client|donor|reader|patron|person|signer|thanks_as|asked_for|identity|account)(_|$)"
)
SAID = re.compile("姓名|证号|读者证|学号|电话|手机|邮箱|邮件|通信地址|联系人|联系方式|委托人|捐赠人|签字人|经办人|身份证")
# What is nobody's, or a colleague in the work they answer for: the trail of the house would be worthless without names.
NOT_PERSONAL = {
    "office/staff name": "a colleague", "office/staff name_en": "a colleague",
    "office/supplies name": "a thing", "office/supplies name_en": "a thing", "office/requisitions item_name": "a thing",
    "office/purchases item_name": "a thing", "office/stock-moves item_name": "a thing", "office/budgets fund_name": "a fund",
    "office/funds name": "a fund", "office/funds name_en": "a fund", "resources/acquisition-plans fund_name": "a fund",
    "resources/suppliers name": "a firm", "resources/suppliers address": "a firm's", "resources/orders supplier_name": "a firm", "resources/contracts supplier_name": "a firm",
    "resources/order-claims supplier_name": "a firm", "resources/acceptances supplier_name": "a firm",
    "resources/invoices supplier_name": "a firm", "resources/subscriptions supplier_name": "a firm",
    "resources/serial-claims supplier_name": "a firm", "resources/donations masked": "masked on the screen already",
    "resources/locations name": "a place", "resources/locations name_en": "a place", "resources/weeding location_name": "a place",
    "resources/losses location_name": "a place", "resources/missing location_name": "a place",
    "resources/transfer-plans location_name": "a place", "resources/sru-targets name": "a catalogue",
    "tech/backup-plans name": "a system", "tech/backups plan_name": "a system",
    "resources/defect-codes name": "a code", "resources/defect-codes name_en": "a code",
}
# An export made by hand that tells of colleagues.
OWN = {
    "services/office/people/ledger/pages.py:export": "colleagues' own work, for themselves and leaders",
}


def undeclared() -> Iterator[tuple[str, str]]:
    for service in services():
        for register in service.registers:
            for col in register.cols:
                told = TELLING.search(col.name) or SAID.search(col.label)
                if register.export and told and col.kind != "person" and not col.personal:
                    yield f"{service.name}/{register.slug} {col.name}", col.label


def test_every_column_that_sounds_personal_says_whether_it_is() -> None:
    found = dict(undeclared())
    assert not (wrong := sorted(found.keys() - NOT_PERSONAL.keys())), f"say personal=…, or why not: {wrong}"
    assert not (stale := sorted(NOT_PERSONAL.keys() - found.keys())), f"of no register any more: {stale}"
    kinds = {col.personal for service in services() for register in service.registers for col in register.cols}
    assert kinds - {""} <= set(KINDS)
    assert len(kinds) > 4


def handmade() -> Iterator[tuple[str, str]]:
    """Functions that write a sheet of their own, with their text."""
    for path in sorted((*(ROOT / "services").rglob("*.py"), *(ROOT / "gateway").rglob("*.py"))):
        text = path.read_text()
        if "exporting" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                body = ast.get_source_segment(text, node) or ""
                if "write," in body or "_sheet(_(" in body or "csv.writer" in body:
                    yield f"{path.relative_to(ROOT)}:{node.name}", body


def test_no_export_made_by_hand_forgets_to_veil() -> None:
    found = dict(handmade())
    assert len(found) > 12
    bare = [name for name, body in found.items() if SAID.search(body) and not re.search(r"masked_|veiled|_who\(", body)]
    assert set(bare) == set(OWN)
    assert not (shown := [name for name, body in found.items() if re.search("masked_|_who", body) and "full" not in body]), shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_veil_hides_and_keeps_what_is_empty(kind: str) -> None:
    assert veiled(kind, "") == ""
    assert veiled(kind, None) is None
    for whole in ("张雨桐", "13812345678", "li.ming@example.org", "广东省广州市番禺区大学城外环东路 132 号"):
        assert whole not in veiled(kind, whole)


