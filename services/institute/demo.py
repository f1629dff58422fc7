"""The demonstration of the institute: commissions in every stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from services.institute.novelty.desk.model import Commission, Purpose, Scope
from services.institute.novelty.desk.register import commissions
from shared.demo import person
from shared.service import Kit

PROJECTS = (
    ("基于深度学习的水稻病害识别方法", "Rice disease recognition by deep learning", "周明远", "农业工程学院",
     Purpose.project, Scope.foreign, "采用注意力机制的轻量网络，在田间复杂背景下识别七种水稻病害，模型可部署于手机端。",
     "轻量化注意力网络\n田间复杂背景下的七类病害识别", "accept assign start submit pass charge deliver file"),
    ("高强铝合金搅拌摩擦焊接头疲劳寿命预测", "Fatigue life of friction-stir-welded joints", "钱立群", "材料科学与工程学院",
     Purpose.result, Scope.foreign, "建立焊接残余应力与疲劳裂纹扩展的耦合模型，给出接头寿命的概率分布。",
     "残余应力与裂纹扩展耦合模型", "accept charge assign start submit"),
    ("镇江香醋发酵菌群的时序变化与风味调控", "", "沈佳", "食品与生物工程学院", Purpose.award, Scope.domestic,
     "对固态分层发酵全过程取样，揭示菌群演替与有机酸、酯类生成的关系，提出翻醅时机的调控方法。",
     "固态分层发酵菌群演替规律\n翻醅时机调控方法", "accept assign start"),
    ("面向老旧小区的电梯加装结构体系", "", "陆建国", "土木工程与力学学院", Purpose.patent, Scope.domestic,
     "提出装配式钢框架井道与既有楼体的柔性连接节点，减少现场湿作业与住户干扰。",
     "装配式井道与既有楼体柔性连接节点", "accept"),
    ("电动客车热泵空调低温制热性能提升", "", "顾晓峰", "汽车与交通工程学院", Purpose.product, Scope.domestic,
     "采用补气增焓与余热回收结合的热泵回路，零下二十度环境下制热量提高三成。",
     "补气增焓与余热回收结合的回路", ""),
)
REPORT = {
    "databases": "中国知网 1990–2026；万方 1990–2026；专利之星 1985–2026",
    "strategy": "主题=（方法 OR 模型）AND 关键词=项目关键词", "hits": 14,
    "conclusion": "所检文献中未见与查新点完全相同的公开报道；相关文献多针对单一条件，未涉及本项目所述组合。",
}


async def seed(kit: Kit) -> None:
    """Load once; a second run finds commissions and does nothing."""
    async with kit.works.open() as work:
        if (await work.session.scalars(select(Commission.id).limit(1))).first():
            return
    desk, searcher = person("ins-nom"), person("ins-nov")
    reviewer = person("ins-nov2")
    who = {"start": searcher, "submit": searcher, "pass": reviewer}
    asked: dict[str, dict[str, object]] = {"assign": {"searcher": searcher.id}, "submit": REPORT}
    now = datetime.now(UTC)
    for n, (title, title_en, client, unit, purpose, scope, key, points, moves) in enumerate(PROJECTS):
        at = now - timedelta(days=2 * (len(PROJECTS) - n), hours=n)
        async with kit.works.open(desk, now=at) as work:
            made = await commissions.open(
                work, title=title, title_en=title_en, client=client, unit=unit, contact=f"0511-8879{n:04d}",
                purpose=purpose, scope=scope, key_technology=key, points=points, urgent=n == 1, copies=2,
                wanted_on=(at + timedelta(days=14)).date(),
            )
            number = made.no
        for hours, move in enumerate(moves.split(), 1):
            async with kit.works.open(who.get(move, desk), now=at + timedelta(hours=3 * hours)) as work:
                await commissions.move(work, number, move, **asked.get(move, {}))
