"""Which table holds what about a patron, how long, and what becomes of it. Pure.

The screen shows it, docs/privacy.md explains it, and a test holds every table of the department's database
against it: a table that is not named here fails the test, so nobody can add one without having thought of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.i18n import N_


@dataclass(frozen=True, slots=True)
class Kept:
    """`joined` is why a person may stand beside a title there after the term; empty where they may not."""

    holds: str
    term: str
    then: str
    joined: str = ""


_AFTER_RETURN = N_("归还 180 天且无欠费；本人选择保留的除外")
_AFTER_END = N_("结束 180 天且无欠费；本人选择保留的除外")
_DAYS = N_("180 天")
_WHILE = N_("持证期间")
_CARD_OFF = N_("去掉证号，事实留作统计")
_DELETED = N_("删除")
_STAYS = N_("不与图书相连，保留")

INVENTORY: Mapping[str, Kept] = {
    "patron": Kept(N_("姓名、证号、学院、联系方式"), _WHILE, _STAYS),
    "card_number": Kept(N_("用过的号码"), N_("长期：旧号不得再发"), _STAYS),
    "identity_check": Kept(N_("证件类型与后四位"), _WHILE, _STAYS),
    "patron_note": Kept(N_("服务台备注"), _WHILE, _STAYS),
    "orientation_pass": Kept(N_("入馆教育成绩"), _WHILE, _STAYS),
    "pass_list": Kept(N_("名单文件名与人数"), N_("长期"), _STAYS),
    "pass_row": Kept(N_("名单逐行：证号、姓名、成绩"), _DAYS, _DELETED),
    "card_file": Kept(N_("名单文件名与人数"), N_("长期"), _STAYS),
    "card_row": Kept(N_("名单逐行：证号、姓名、联系方式"), _DAYS, _DELETED),
    "clearance": Kept(N_("离校读者与结果"), N_("长期"), _STAYS),
    "consent": Kept(N_("委托人与代借人"), N_("长期"), _STAYS),
    "union_card": Kept(N_("联合证读者"), N_("长期"), _STAYS),
    "union_deposit": Kept(N_("押金收退"), N_("30 年（凭证）"), _STAYS),
    "notice_wish": Kept(N_("接收通知的意愿"), _WHILE, _STAYS),
    "link_cut": Kept(N_("自行关闭保留的读者"), N_("长期"), _STAYS),
    "loan": Kept(N_("谁借了什么、谁代借"), _AFTER_RETURN, _CARD_OFF),
    "hold": Kept(N_("谁预约了什么"), _AFTER_END, _CARD_OFF),
    "hold_move": Kept(N_("谁的顺序被调整"), _AFTER_END, _CARD_OFF),
    "ledger": Kept(
        N_("费用、收款与所涉图书"), _AFTER_RETURN, N_("去掉条码、题名和借阅号；金额、读者、收据作为凭证保留 30 年"),
    ),
    "loss": Kept(N_("谁遗失了什么"), N_("结案且归还手续满 180 天、无欠费"), _CARD_OFF),
    "transit": Kept(N_("取书人证号后四位"), _DAYS, _CARD_OFF),
    "house_use": Kept(N_("特藏阅览人"), N_("归架即去掉"), _CARD_OFF),
    "sitting": Kept(N_("柜台当前读者"), _DAYS, _CARD_OFF),
    "sitting_line": Kept(N_("柜台流水"), _DAYS, _CARD_OFF),
    "sign_off": Kept(N_("请责任馆员签批的办理：证号与图书"), _DAYS, _CARD_OFF),
    "violation": Kept(
        N_("违规当事人、经过与处理"), N_("结案满 2 年"), _DELETED, N_("处理、申诉与复核期间须能说明，期满整条删除"),
    ),
    "union_file_row": Kept(N_("成员馆名单逐行：证号、条码"), _DAYS, _DELETED),
    "offline_scan": Kept(N_("断网时的扫描"), _DAYS, N_("去掉证号；批次的签名与摘要保留")),
    "terminal_answer": Kept(N_("自助终端最后一次答复"), N_("1 天"), _DELETED),
    "notice": Kept(N_("通知了谁什么"), _DAYS, _DELETED),
    "letter": Kept(N_("信件原文"), _DAYS, _DELETED),
    "audit": Kept(N_("谁改了什么、谁看了谁"), N_("6 年；其中人书对应随借阅断开"), N_("去掉证号和本人操作的署名，其余不变")),
    "outbox": Kept(N_("事件日志"), N_("长期；其中人书对应随借阅断开"), _CARD_OFF),
    "inbox_parked": Kept(N_("未能处理的来件"), N_("处理后 180 天"), _DELETED),
    "idempotency": Kept(N_("重复请求的答复"), N_("7 天"), _DELETED),
    "reading_list": Kept(N_("读者自己的书单"), N_("由本人删除"), _STAYS, N_("本人自愿收集，仅本人可见")),
    "list_entry": Kept(N_("书单里的题名"), N_("由本人删除"), _STAYS, N_("本人自愿收集，仅本人可见")),
    "routing_step": Kept(N_("传阅单各站：证号"), N_("传阅结束 180 天"), _CARD_OFF),
    "routing_station": Kept(N_("传阅名单各站：证号"), N_("名单停用或改版 180 天"), _CARD_OFF, N_("在用的名单须能照着送")),
    "on_demand_use": Kept(N_("按需采购：看过某书的读者的摘要（不可还原为证号）"), N_("办理或截止即止"), _DELETED),
    "suggestion": Kept(N_("谁荐购了什么"), N_("有结果 180 天且无欠费；本人选择保留的除外"), _CARD_OFF),
    "item": Kept(N_("在谁手里"), N_("归还即去掉"), _CARD_OFF),
}

# Tables that say nothing about any patron.
IMPERSONAL = frozenset((
    "alembic_version", "attachment", "audit_check", "audit_seal", "audit_witness", "back_bundle", "back_bundle_issue", "back_keeping", "binding_batch", "binding_line", "cash_deposit", "cash_shift", "catalogue_moved", "catalogue_record", "catalogue_word",
    "closed_day", "college_contact", "coming_title", "copy_check", "copy_difference", "damage_slip", "disc", "disc_check", "drop_line", "drop_run", "errand",
    "former_barcode",
    "handover", "handover_extra", "handover_line", "hold_errand", "holdings_report",
    "inbox", "inbox_cursor", "inspection", "label_job", "location", "notice_wording", "number_sequence", "offline_batch",
    "offline_device", "on_demand_title", "outbox_state", "pass_mark", "person_name", "receipt_print", "routing_list", "routing_slip", "routing_version", "pull_line", "pull_list", "demonstration", "rule_row", "rule_set", "saved_view", "schedule",
    "serial_handover", "serial_issue", "serial_pattern", "serial_title",
    "service_point", "service_point_location", "shelf_range", "terminal", "terminal_house", "terminal_use", "title_demand", "title_followed", "title_merge", "transfer", "transfer_line",
    "union_box", "union_box_item", "union_file", "union_loan_there", "union_member", "union_return_there", "union_settlement", "union_settlement_line",
))
