"""Words of the facets: the 22 main classes of the CLC, kinds of material, languages."""

from __future__ import annotations

from dataclasses import dataclass

from shared.i18n import N_, _

CLASSES: dict[str, str] = {
    "A": N_("马克思主义、列宁主义、毛泽东思想、邓小平理论"), "B": N_("哲学、宗教"), "C": N_("社会科学总论"),
    "D": N_("政治、法律"), "E": N_("军事"), "F": N_("经济"), "G": N_("文化、科学、教育、体育"),
    "H": N_("语言、文字"), "I": N_("文学"), "J": N_("艺术"), "K": N_("历史、地理"), "N": N_("自然科学总论"),
    "O": N_("数理科学和化学"), "P": N_("天文学、地球科学"), "Q": N_("生物科学"), "R": N_("医药、卫生"),
    "S": N_("农业科学"), "T": N_("工业技术"), "U": N_("交通运输"), "V": N_("航空、航天"),
    "X": N_("环境科学、安全科学"), "Z": N_("综合性图书"),
}


@dataclass(frozen=True, slots=True)
class Material:
    """A kind of thing: what it is called, its picture, its mark in a citation, its schema.org type."""

    label: str
    icon: str
    mark: str = "M"
    kind: str = "CreativeWork"


# icons: book, news, map-2, music, disc, movie, photo, device-laptop, stack-2, school, file-text, certificate, users
MATERIALS: dict[str, Material] = {
    "book": Material(N_("图书"), "book", "M", "Book"),
    "serial": Material(N_("期刊"), "news", "J", "Periodical"),
    "newspaper": Material(N_("报纸"), "news", "N", "Newspaper"),
    "thesis": Material(N_("学位论文"), "school", "D", "Thesis"),
    "conference": Material(N_("会议录"), "users", "C", "Book"),
    "report": Material(N_("科技报告"), "file-text", "R", "Report"),
    "standard": Material(N_("标准"), "certificate", "S", "CreativeWork"),
    "patent": Material(N_("专利"), "certificate", "P", "CreativeWork"),
    "map": Material(N_("地图"), "map-2", "CM", "Map"),
    "score": Material(N_("乐谱"), "music", "M", "SheetMusic"),
    "audio": Material(N_("录音"), "disc", "A", "AudioObject"),
    "video": Material(N_("录像"), "movie", "A", "VideoObject"),
    "image": Material(N_("图片"), "photo", "Z", "ImageObject"),
    "electronic": Material(N_("电子资源"), "device-laptop", "EB", "CreativeWork"),
    "mixed": Material(N_("其他"), "stack-2", "Z", "CreativeWork"),
}

LANGUAGES: dict[str, str] = {
    "chi": N_("中文"), "eng": N_("英文"), "jpn": N_("日文"), "rus": N_("俄文"), "ger": N_("德文"),
    "fre": N_("法文"), "spa": N_("西班牙文"), "ita": N_("意大利文"), "por": N_("葡萄牙文"),
    "dut": N_("荷兰文"), "kor": N_("朝鲜文"), "lat": N_("拉丁文"), "gre": N_("希腊文"), "ara": N_("阿拉伯文"),
    "fin": N_("芬兰文"), "swe": N_("瑞典文"), "dan": N_("丹麦文"), "nor": N_("挪威文"), "pol": N_("波兰文"),
    "hun": N_("匈牙利文"), "cze": N_("捷克文"), "vie": N_("越南文"), "epo": N_("世界语"), "mul": N_("多语种"),
}
# Records come with codes of two standards; one is kept.
SAME_LANGUAGE: dict[str, str] = {
    "zh": "chi", "zho": "chi", "en": "eng", "ja": "jpn", "ru": "rus", "de": "ger", "deu": "ger",
    "fr": "fre", "fra": "fre", "es": "spa", "it": "ita", "pt": "por", "nl": "dut", "nld": "dut",
    "ko": "kor", "la": "lat", "el": "gre", "ell": "gre", "ar": "ara", "fi": "fin", "sv": "swe", "da": "dan",
    "no": "nor", "pl": "pol", "hu": "hun", "cs": "cze", "ces": "cze", "vi": "vie", "eo": "epo",
}


def language_name(code: str) -> str:
    """The language in words; a code nobody taught us is shown as it is."""
    return _(LANGUAGES[code]) if code in LANGUAGES else code


def material_of(code: str) -> Material:
    """The kind of material; what we do not know is `mixed`."""
    return MATERIALS.get(code, MATERIALS["mixed"])


def class_name(letter: str) -> str:
    """The main class in words."""
    return _(CLASSES[letter]) if letter in CLASSES else letter
