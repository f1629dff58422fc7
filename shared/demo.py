"""Who is who in the demonstration library, so that every department's sample data agree.

One fictional colleague per post with the post code as login, a second one where two pairs of eyes
are needed, the heads of the departments and the director.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.duties import POSTS

if TYPE_CHECKING:  # the supervisor reads the roll, and need not carry what tokens need
    from shared.identity import Actor


@dataclass(frozen=True, slots=True)
class Colleague:
    """A line of the staff roll and the post that goes with it."""

    no: str
    name: str
    name_en: str
    login: str
    post: str
    title: str
    rank: str
    subposts: tuple[str, ...] = ()
    employment: str = "permanent"

    @property
    def dept(self) -> str:
        """Where the colleague belongs."""
        if self.post in POSTS:
            return POSTS[self.post].department
        return self.post.removeprefix("head-") if self.post.startswith("head-") else "library"

    def actor(self) -> Actor:
        """The colleague at work."""
        from shared.identity import Actor

        return Actor(
            id=self.no, name=self.name, kind="staff", posts=(self.post,), rank=self.rank, dept=self.dept,
            subposts=self.subposts,
        )


COLLEAGUES = (
    Colleague("1998001", "周慎行", "Zhou Shenxing", "director", "director", "研究馆员", "senior"),
    Colleague("2001006", "沈立言", "Shen Liyan", "head-office", "head-office", "副研究馆员", "senior"),
    Colleague("2000012", "陆文澜", "Lu Wenlan", "head-resources", "head-resources", "研究馆员", "senior"),
    Colleague("2002009", "秦致远", "Qin Zhiyuan", "head-tech", "head-tech", "高级工程师", "senior"),
    Colleague("1999015", "许清和", "Xu Qinghe", "head-reader", "head-reader", "副研究馆员", "senior"),
    Colleague("2003003", "顾一帆", "Gu Yifan", "head-institute", "head-institute", "教授", "senior"),
    Colleague("2010021", "赵敏之", "Zhao Minzhi", "off-adm", "OFF-ADM", "馆员", "mid"),
    Colleague("2014008", "叶知秋", "Ye Zhiqiu", "off-sec", "OFF-SEC", "馆员", "mid"),
    Colleague("2009017", "钱思齐", "Qian Siqi", "off-fin", "OFF-FIN", "会计师", "mid"),
    Colleague("2019004", "孙维新", "Sun Weixin", "off-org", "OFF-ORG", "助理馆员", "junior"),
    Colleague("2004011", "李采薇", "Li Caiwei", "res-acq", "RES-ACQ", "副研究馆员", "senior"),
    Colleague("2012035", "王书航", "Wang Shuhang", "res-dig", "RES-DIG", "馆员", "mid"),
    Colleague("2021007", "郑墨", "Zheng Mo", "res-dig2", "RES-DIG", "助理馆员", "junior", (), "contract"),
    Colleague("2008019", "吴念慈", "Wu Nianci", "res-mgt", "RES-MGT", "馆员", "mid"),
    Colleague("2005014", "冯启明", "Feng Qiming", "tec-dev", "TEC-DEV", "高级工程师", "senior"),
    Colleague("2013022", "陈维", "Chen Wei", "tec-sys", "TEC-SYS", "工程师", "mid"),
    Colleague("2011031", "褚安", "Chu An", "tec-log", "TEC-LOG", "助理馆员", "junior"),
    Colleague("2016005", "卫东升", "Wei Dongsheng", "tec-eqp", "TEC-EQP", "助理工程师", "junior"),
    Colleague("2003018", "蒋怀远", "Jiang Huaiyuan", "rdr-led", "RDR-LED", "副研究馆员", "senior", ("FRD",)),
    Colleague("2011009", "韩雪", "Han Xue", "rdr-del", "RDR-DEL", "馆员", "mid", ("ILL", "CIT")),
    Colleague("2012016", "杨柳", "Yang Liu", "rdr-dsk", "RDR-DSK", "馆员", "mid"),
    Colleague("2020010", "朱晓晨", "Zhu Xiaochen", "rdr-dsk2", "RDR-DSK", "助理馆员", "junior", (), "contract"),
    Colleague("2007023", "尤静", "You Jing", "rdr-stk", "RDR-STK", "馆员", "mid", ("BCK", "CST")),
    Colleague("2015013", "何婉清", "He Wanqing", "rdr-cir", "RDR-CIR", "馆员", "mid", ("NWS", "OTH")),
    Colleague("2006002", "吕明哲", "Lü Mingzhe", "ins-tch", "INS-TCH", "副教授", "senior", ("UTM",)),
    Colleague("2014026", "施文", "Shi Wen", "ins-trm", "INS-TRM", "馆员", "mid"),
    Colleague("2000005", "张衡之", "Zhang Hengzhi", "ins-eic", "INS-EIC", "编审", "senior"),
    Colleague("2013011", "孔令仪", "Kong Lingyi", "ins-edr", "INS-EDR", "编辑", "mid"),
    Colleague("2005030", "曹问", "Cao Wen", "ins-nov", "INS-NOV", "副研究馆员", "senior"),
    Colleague("2001020", "钟鉴", "Zhong Jian", "ins-nov2", "INS-NOV", "研究馆员", "senior"),
    Colleague("2012028", "严谨", "Yan Jin", "ins-nom", "INS-NOM", "馆员", "mid"),
    Colleague("2017014", "华新宇", "Hua Xinyu", "ins-itd", "INS-ITD", "工程师", "mid"),
)
BY_LOGIN = {one.login: one for one in COLLEAGUES}


def person(login: str) -> Actor:
    """Somebody at work, by user name."""
    return BY_LOGIN[login].actor()
