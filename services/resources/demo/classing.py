"""Which CLC class, subject and shelf a classic gets, from the subject words of its source."""

from __future__ import annotations

import re
from typing import NamedTuple

PERIODS = (
    ("20th century", "现代"),
    ("Qing dynasty", "清代"),
    ("Ming dynasty", "明代"),
    ("Yuan dynasty", "元代"),
    ("Song dynasty", "宋代"),
    ("Tang dynasty", "唐代"),
    ("Three kingdoms", "三国时代"),
    ("Qin and Han", "汉代"),
    ("Han dynasty", "汉代"),
)

REIGNS = (
    ("汉", -206, 220),
    ("晋", 266, 420),
    ("隋", 581, 618),
    ("唐", 619, 907),
    ("宋", 960, 1279),
    ("元", 1280, 1368),
    ("明", 1369, 1644),
    ("清", 1645, 1911),
)


class Rule(NamedTuple):
    """Words of the source and what they mean on our shelves."""

    words: str
    class_mark: str
    subject: str
    form: str


# The first rule whose words are found decides; the narrow ones come first.
RULES = (
    Rule(r"中國小說史略", "I207.4", "小说史", "中国"),
    Rule(r"西遊記|胡涂世界|常言道|醒世姻緣", "I242.4", "章回小说", "小说"),
    Rule(r"史記|漢書|三國志$|舊唐書|宋史", "K204.2", "纪传体史书", "古代史籍"),
    Rule(r"左傳", "K225", "中国历史", "春秋时代"),
    Rule(r"禮記", "K892.9", "礼仪", "古籍"),
    Rule(r"列女傳", "K820", "历史人物", "传记"),
    Rule(r"王陽明|傳習錄", "B248", "心学", "中国"),
    Rule(r"墨子", "B224", "墨家", "经典"),
    Rule(r"申鑒", "B234", "古典哲学", "中国"),
    Rule(r"孟子", "B222.5", "儒家", "经典"),
    Rule(r"(?=.*魯迅).*(essays|prose|野草|朝花夕拾)", "I210.4", "鲁迅著作", "杂文集"),
    Rule(r"魯迅", "I210.6", "鲁迅著作", "小说集"),
    Rule(r"郁達夫|穆時英|葉紫|(?=.*20th century).*fiction", "I246.7", "小说", "作品集"),
    Rule(r"朱自清", "I266.4", "游记", "作品集"),
    Rule(r"poetry -- History and criticism|Poetics|[詞詩]話$", "I207.2", "诗歌评论", "中国"),
    Rule(r"Literature -- History and criticism|文心雕龍", "I206", "文学评论", "中国"),
    Rule(r"Shi jing|詩經", "I222.2", "古体诗", "诗集"),
    Rule(r"楚辭|Chu ci", "I222.3", "楚辞", "诗集"),
    Rule(r"Ci \(Chinese poetry\)|詞$|滿江紅|水調歌頭|東坡樂府", "I222.8", "词(文学)", "作品集"),
    Rule(r"Yue fu", "I222.6", "乐府诗", "诗集"),
    Rule(r"Chinese poetry|poetry", "I222.7", "古典诗歌", "诗集"),
    Rule(r"drama.*Yuan|Tragedy|關漢卿|馬致遠|王實甫", "I237.1", "杂剧", "剧本"),
    Rule(r"[Dd]rama", "I237.2", "传奇剧(戏曲)", "剧本"),
    Rule(
        r"(?=.*Short stories).*Ming dynasty|拍案驚奇|今古奇觀|世[通恆明]言",
        "I242.3",
        "话本小说",
        "小说集",
    ),
    Rule(r"聊齋|閱微|子不語|諧鐸|世說|搜神|幽明|異[志編]|雜記$", "I242.1", "笔记小说", "小说集"),
    Rule(r"fiction -- Tang dynasty", "I242.1", "传奇小说", "小说集"),
    Rule(r"Legends|Folklore|Fairies|Ghost|Curiosities|Tales", "I242.1", "笔记小说", "小说集"),
    Rule(r"Fiction|fiction", "I242.4", "章回小说", "小说"),
    Rule(r"Short stories", "I242.1", "笔记小说", "小说集"),
    Rule(r"Military|War -- Early", "E892", "兵法", "中国"),
    Rule(r"Buddh|Sutra|Zen|Pure Land|經心要|壇經", "B942", "佛经", "汉译"),
    Rule(r"Mencius", "B222.5", "儒家", "研究"),
    Rule(r"Confuci|孔子|孝經|大學|中庸", "B222.2", "儒家", "经典"),
    Rule(r"logicians|公孫龍|鄧析|尹文", "B225", "名家", "经典"),
    Rule(r"Legalis|商君|商子|韓非|韩非|慎子|管子", "B226", "法家", "经典"),
    Rule(r"Taois|道德經|老子|列子|文子|關尹", "B223", "道家", "经典"),
    Rule(r"Philosophy, Chinese -- 960|Neo-Confucian|近思錄|張載", "B244", "理学", "中国"),
    Rule(r"論衡|淮南|春秋繁露|新書|申鑒|Philosophy", "B234", "古典哲学", "中国"),
    Rule(r"Psychology|人物志", "B235", "古典哲学", "中国"),
    Rule(r"Conduct of life|Ethics|Aphorisms|Quotations|Etiquette", "B825", "个人修养", "古籍"),
    Rule(r"Feng shui", "B992.4", "风水", "古籍"),
    Rule(r"Divination|易經", "B221", "周易", "经典"),
    Rule(r"Materia medica", "R281.3", "本草", "中医典籍"),
    Rule(r"Medicine|傷寒|脾胃", "R2", "中国医药学", "中医典籍"),
    Rule(r"Arithmetic|Mathemat|算經", "O112", "古典数学", "中国"),
    Rule(r"Technology|Industr.*(?=天工)|天工開物", "N092", "科学技术史", "中国"),
    Rule(r"Tea|茶經", "TS971", "茶文化", "中国"),
    Rule(r"Dialects|方言", "H17", "汉语方言", "古代"),
    Rule(r"language -- To 600|爾雅", "H131.2", "尔雅", "训诂"),
    Rule(r"Readers|Primers|千字文|三字經|弟子規|幼學", "H194", "汉语读物", "启蒙读物"),
    Rule(r"Government monopolies|Economic", "F092.2", "经济思想史", "中国"),
    Rule(r"Description and travel|Travel|Voyages|Geography", "K928.9", "游记", "中国"),
    Rule(r"Biograph", "K820", "历史人物", "传记"),
    Rule(r"Anecdotes", "K206.6", "笔记", "史料"),
    Rule(r"Politic|Kings and rulers|貞觀|待訪錄", "D691", "政治制度史", "中国"),
    Rule(r"To 221 B\.C\.|春秋|左傳|國語|竹書", "K225", "中国历史", "春秋时代"),
    Rule(r"To 1766|Zhou|穆天子", "K224", "中国历史", "西周时代"),
    Rule(r"Han dynasty", "K234", "中国历史", "汉代"),
    Rule(r"Three kingdoms", "K236", "中国历史", "三国时代"),
    Rule(r"Tang dynasty", "K242", "中国历史", "唐代"),
    Rule(r"Song dynasty", "K244", "中国历史", "宋代"),
    Rule(r"Ming dynasty", "K248", "中国历史", "明代"),
    Rule(r"Qing dynasty|Taiwan", "K249", "中国历史", "清代"),
    Rule(r"History", "K204", "中国历史", "古代史籍"),
    Rule(r"essays|prose|literature", "I211", "古典文学", "作品集"),
)


def rule_for(title: str, author: str, subjects: str) -> Rule | None:
    """The rule of a work, or None when its source says too little."""
    text = f"{subjects} {author} {title}"
    return next((rule for rule in RULES if re.search(rule.words, text)), None)


def period_of(subjects: str) -> str:
    """The period whose literature the subject words name, in Chinese, or nothing.

    What a novel is about (China -- History -- Tang dynasty -- Fiction) says nothing of its age.
    """
    own = [part for part in subjects.split(" | ") if part.startswith("Chinese ")]
    return next((name for words, name in PERIODS for part in own if words in part), "")


def reign_in(year: int) -> str:
    """The dynasty of someone who died in a year, where catalogues name it by one character."""
    return next((name for name, first, last in REIGNS if first <= year <= last), "")
