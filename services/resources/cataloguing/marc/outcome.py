"""What reading a file yields: accepted and refused records, each with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.resources.cataloguing.marc.record import Record
from shared.i18n import N_, _

FLAWS: Mapping[str, str] = {
    "length": N_("头标区记录长度为“{declared}”，实际为 {actual} 字节，已以记录结束符为准"),
    "leader": N_("头标区长度或内容不合规定，已补齐"),
    "directory": N_("目次区与数据不符，已按字段结束符重新对应"),
    "directory-end": N_("目次区缺少结束符"),
    "terminator": N_("记录缺少结束符"),
    "field-end": N_("字段 {tag} 缺少字段结束符或越界"),
    "tag": N_("字段标识“{tag}”不合规定"),
    "indicators": N_("字段 {tag} 的指示符不合规定"),
    "subfields": N_("字段 {tag} 没有子字段标识"),
    "subfield-code": N_("字段 {tag} 的子字段标识“{subfield}”不合规定"),
    "subfield-empty": N_("字段 {tag} 含空的子字段标识，已略去"),
    "character": N_("字段 {tag}${subfield} 有无法识别的字节，已用替代符标出"),
    "control-character": N_("字段 {tag} 含控制字符，已改为空格"),
    "control-characters": N_("数据含控制字符，已改为空格"),
    "charset": N_("头标区声明的字符集与数据不符，已按 {charset} 读取"),
    "charset-guess": N_("未声明字符集，推断为 {charset}，请核对题名"),
    "no-title": N_("没有题名字段"),
}

REFUSALS: Mapping[str, str] = {
    "empty": N_("文件是空的"),
    "unknown-format": N_("不是 ISO 2709、MARCXML 或 MARC-in-JSON 文件"),
    "no-records": N_("文件中没有 MARC 记录"),
    "not-a-record": N_("这一段不是 MARC 记录"),
    "cut-off": N_("记录不完整，后半部分缺失"),
    "bad-directory": N_("目次区损坏，无法对应各字段"),
    "too-long": N_("记录超过 {limit} 字节"),
    "too-many-fields": N_("记录超过 {limit} 个字段"),
    "undecodable": N_("无法判定字符集，不能正确读出文字"),
    "bad-xml": N_("XML 有误：第 {line} 行第 {column} 列，{reason}"),
    "doctype": N_("XML 含有文档类型声明或实体定义，为安全起见不予读取"),
    "bad-json": N_("JSON 有误：{reason}"),
    "no-fields": N_("记录没有任何字段"),
    "gzip-damaged": N_("压缩文件损坏，其后内容无法读取"),
    "gzip-bomb": N_("压缩比超过 {limit} 倍，疑为压缩炸弹，已停止读取"),
    "too-big": N_("文件解压后超过 {limit} 字节，已停止读取"),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with a record that could still be read."""

    code: str
    tag: str = ""
    subfield: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """One sentence in the reader's language."""
        places = {"tag": self.tag, "subfield": self.subfield, **self.params}
        return _(FLAWS[self.code], **places)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that can be catalogued, with what was wrong with it."""

    number: int
    raw: bytes
    record: Record
    warnings: tuple[Flaw, ...] = ()
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A piece of the file that is not a usable record, and why."""

    number: int
    raw: bytes
    code: str
    offset: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """One sentence in the reader's language."""
        return _(REFUSALS[self.code], **self.params)


Outcome = Accepted | Refused


class Unreadable(Exception):
    """Raised inside a parser for one piece; `read` turns it into a refusal."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of the file as a format reader found it, before it is numbered."""

    raw: bytes
    offset: int
    record: Record | None = None
    flaws: tuple[Flaw, ...] = ()
    refusal: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
