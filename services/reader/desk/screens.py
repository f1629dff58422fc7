"""What the desk's people find in their menu, in the words they use for it."""

from __future__ import annotations

from services.reader.desk import DESK, HEAD, MONEY, PROVERS
from services.reader.desk.selfcheck.rules import KEEPERS
from services.reader.desk.transfers.rules import MOVERS
from services.reader.desk.violations.register import violations
from shared.i18n import N_
from shared.web.pages import Area, Entry

WORKSHOP_TOO = (*DESK, "RES-DIG", "director")

areas = [
    Area(N_("借还台"), [
        Entry(
            N_("借还台"), "/reader/desk", "scan", DESK, "",
            ("RDR-DSK-BAS-02", "RDR-LED-FRD-03", "RDR-CIR-OTH-05"), N_("扫描借书、还书、续借"),
        ),
        Entry(
            N_("签批"), "/reader/sign-offs", "signature", DESK, "reader.sign-off", ("RDR-LED-FRD-03",),
            N_("台前须责任人决定的办理：请求、批复与记录"),
        ),
        Entry(
            N_("还书箱"), "/reader/drop-box", "inbox", DESK, "", ("RDR-DSK-BAS-02", "RDR-CIR-OTH-05"),
            N_("夜间投还成批归还、分拣单"),
        ),
        Entry(
            N_("馆内阅览"), "/reader/in-house", "book", DESK, "", ("RDR-DSK-BAS-02", "RDR-CIR-OTH-05"),
            N_("阅览计数、特藏凭证取阅"),
        ),
        Entry(
            N_("委托借书"), "/reader/consents", "users", DESK, "", ("RDR-DSK-BAS-02",),
            N_("登记、撤回委托，代借记在委托人名下"),
        ),
        Entry(
            N_("超期催还"), "/reader/overdue", "clock-exclamation", DESK, "", ("RDR-LED-FRD-01",),
            N_("超期最久的在前"),
        ),
        Entry(
            N_("离线台"), "/reader/offline", "wifi-off", DESK, "", ("RDR-DSK-BAS-02", "RDR-LED-FRD-03"),
            N_("断网照常借还，恢复后补录并核对冲突"),
        ),
    ]),
    Area(N_("预约与通借"), [
        Entry(
            N_("预约"), "/reader/holds", "bookmark", DESK, "", ("RDR-LED-FRD-01", "RDR-DSK-BAS-02"),
            N_("预约架、取书单、排队与调整"),
        ),
        Entry(
            N_("通借途中"), "/reader/transit", "truck-delivery", DESK, "", ("RDR-LED-FRD-01",),
            N_("服务点之间的书，超过两天的在前"),
        ),
        Entry(
            N_("联合共享体"), "/reader/union", "building-community", DESK, "", ("RDR-LED-FRD-04",),
            N_("他馆图书、转运箱、联合证与月度结算"),
        ),
        Entry(
            N_("服务点"), "/reader/service-points", "map-pin", ("staff",), "", ("RDR-LED-FRD-01",),
            N_("服务点与所辖馆藏地"),
        ),
    ]),
    Area(N_("读者与证件"), [
        Entry(
            N_("读者与证件"), "/reader/patrons", "users", DESK, "",
            ("RDR-DSK-BAS-04", "RDR-LED-FRD-03"), N_("办证、挂失解挂、借阅与欠费"),
        ),
        Entry(
            N_("读者通知"), "/reader/notices", "mail", DESK, "", ("RDR-LED-FRD-01", "RDR-DSK-BAS-02"),
            N_("催还、预约到书等通知的发送记录与文案"),
        ),
        Entry(
            N_("校园卡导入"), "/reader/card-files", "upload", HEAD, "", ("RDR-LED-FRD-03",),
            N_("卡务中心的名单，先核对再导入"),
        ),
        Entry(
            N_("入馆教育通过"), "/reader/orientation-passes", "school", DESK, "",
            ("RDR-DSK-BAS-04", "RDR-LED-FRD-03"), N_("通过名单、单个开通与撤回、谁还没通过"),
        ),
        Entry(
            N_("离校清理"), "/reader/clearances", "logout", DESK, "", ("RDR-DSK-BAS-04",),
            N_("离校读者的在借、预约与欠费"),
        ),
        Entry(
            N_("隐私与查看记录"), "/reader/privacy", "shield-lock", HEAD, "", ("RDR-LED-FRD-03",),
            N_("谁看过读者的什么、到期断开了多少、存什么存多久"),
        ),
    ]),
    Area(N_("收费与赔偿"), [
        Entry(
            N_("收费"), "/reader/charges", "coin-yuan", DESK, "",
            ("RDR-DSK-BAS-04", "RDR-LED-FRD-03"), N_("逾期费、赔偿、收据与减免"),
        ),
        Entry(
            N_("遗失与赔偿"), "/reader/losses", "book-off", MONEY, "",
            ("RDR-DSK-BAS-04", "RDR-DSK-BAS-06", "RDR-LED-FRD-03"), N_("遗失、声称已还、赔款、赔书、退款"),
        ),
        Entry(
            N_("收入缴存"), "/reader/cash-ups", "cash", MONEY, "",
            ("RDR-DSK-BAS-04", "RDR-DSK-BAS-06", "RDR-LED-FRD-03"), N_("班次清点、缴存银行、收入缴存表"),
        ),
        violations.entry(),
        Entry(
            N_("收据登记簿"), "/reader/books/receipts", "receipt", MONEY, "",
            ("RDR-DSK-BAS-04", "RDR-LED-FRD-03"), N_("收据逐号可查，没有缺号，副本有标记"),
        ),
        Entry(
            N_("减免清单"), "/reader/books/waivers", "discount", PROVERS, "", ("RDR-LED-FRD-03",),
            N_("每月减免：谁决定、为什么"),
        ),
        Entry(
            N_("账务核对"), "/reader/books/proof", "scale", PROVERS, "", ("RDR-LED-FRD-03",),
            N_("流水、班次、缴存与凭证逐项相符"),
        ),
    ]),
    Area(N_("书况"), [
        Entry(
            N_("破损与修补"), "/reader/damage", "heart-broken", WORKSHOP_TOO, "",
            ("RDR-DSK-BAS-05", "RDR-LED-FRD-05", "RDR-CIR-OTH-05"), N_("破损单、前台修补、送工场"),
        ),
        Entry(
            N_("条码与标签"), "/reader/processing", "barcode", DESK, "", ("RDR-DSK-BAS-05", "RDR-CIR-OTH-05"),
            N_("更换破损条码、待打印的书标"),
        ),
        Entry(
            N_("回验"), "/reader/inspections", "clipboard-check", WORKSHOP_TOO, "reader.inspection",
            ("RDR-DSK-BAS-05", "RDR-LED-FRD-05"), N_("修好的书由第二人验过再上架"),
        ),
        Entry(
            N_("随书光盘"), "/reader/discs", "disc", DESK, "reader.disc-check", ("RDR-CIR-MMD-04",),
            N_("光盘借还、归还验盘与赔偿"),
        ),
        Entry(
            N_("单册状态"), "/reader/items", "barcode", ("staff",), "", ("RDR-LED-FRD-01",),
            N_("一册书在哪里、为什么借不到"),
        ),
    ]),
    Area(N_("接收与调拨"), [
        Entry(
            N_("新书接收"), "/reader/handovers", "package", DESK, "", ("RDR-LED-FRD-02",),
            N_("按交接单逐册清点新书，确认接收或按差异退回"),
        ),
        Entry(
            N_("书刊调拨"), "/reader/transfers", "arrows-exchange", MOVERS, "", ("RDR-LED-FRD-06", "RDR-STK-CST-03"),
            N_("改馆藏地的书：发出扫描、接收扫描、差异与月报"),
        ),
        Entry(
            N_("剔旧取书"), "/reader/weeding-pulls", "list-search", ("staff",), "reader.weeding-pulls", ("RDR-STK-CST-02",),
            N_("按剔旧清单逐册取书、提名该剔的书"),
        ),
    ]),
    Area(N_("规则与设置"), [
        Entry(
            N_("借阅规则"), "/reader/rules", "adjustments", DESK, "",
            ("RDR-LED-FRD-01", "RDR-LED-FRD-03"), N_("规则版本、试算、用上月借阅试跑"),
        ),
        Entry(
            N_("闭馆日"), "/reader/closed-days", "calendar-event", DESK, "", ("RDR-LED-FRD-03",),
            N_("应还日顺延，闭馆不计费"),
        ),
        Entry(
            N_("自助终端"), "/reader/terminals", "devices", KEEPERS, "",
            ("RDR-DSK-BAS-02", "RDR-LED-FRD-03"), N_("自助借还机的账号、权限与连接状态"),
        ),
    ]),
]
