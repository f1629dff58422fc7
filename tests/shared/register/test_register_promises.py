"""The helper departments use for their own registers, shown on the example's two."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from shared.testing.registers import han_in, keeps_its_promises
from tests.shared.register import example
from tests.support.days import local_day

_serial = count(1)


def requisition() -> dict[str, str]:
    soon = (local_day() + timedelta(days=9)).isoformat()
    return {"item": "书立", "qty": "3", "dept": "流通阅览部", "needed_on": soon, "reason": "新书上架需要书立"}


def stock_item() -> dict[str, str]:
    return {"code": f"C-{next(_serial)}", "name": "书车"}


async def test_a_case_register_keeps_its_promises(app, english):
    asked = {"reject": {"reject_reason": "库存充足"}}
    await keeps_its_promises(example.requisitions, app, requisition, ask=asked)


async def test_a_plain_register_keeps_its_promises(app, english):
    await keeps_its_promises(example.stock, app, stock_item)


def test_words_people_wrote_are_no_untranslated_text():
    page = '<main><p>Item <span class="data">书立</span></p><b title="数量">n</b>部门</main>'
    assert han_in(page) == ["数量", "部门"]
