"""The description of a record as label and text, in the order cataloguers read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.cataloguing.records.rules import TITLES
from shared.i18n import N_, _


def facts(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the record says; empty elements are left out."""
    imprint = "：".join(filter(None, (told.get("place"), told.get("publisher"))))
    found = [
        (N_("题名"), " : ".join(filter(None, (told.get("title"), told.get("title_rest"))))),
        (N_("分卷"), " ".join(filter(None, (told.get("part_number"), told.get("part_name"))))),
        (N_("原文题名"), told.get("title_vernacular")),
        *((TITLES.get(o["kind"], N_("其他题名")), o["text"]) for o in told.get("other_titles", ())[:6]),
        (N_("责任说明"), told.get("responsibility")),
        (N_("责任者"), _join(_author(a) for a in told.get("authors", ()))),
        (N_("出版"), "，".join(filter(None, (imprint, told.get("date") or str(told.get("year") or ""))))),
        (N_("版本"), told.get("edition")), (N_("载体形态"), told.get("extent")),
        (N_("丛编"), _join(told.get("series", ()))), (N_("所属"), told.get("host")),
        ("ISBN", _join(_isbn(n) for n in told.get("isbns", ()))), ("ISSN", _join(told.get("issns", ()))),
        (N_("刊期"), told.get("frequency")), (N_("卷期年月"), told.get("numbering")),
        (N_("语种"), _join(told.get("languages", ()))), (N_("主题"), _join(told.get("subjects", ()))),
        (N_("中图法分类号"), _join(told.get("clc", ()))), (N_("国会图书馆分类号"), _join(told.get("lcc", ()))),
        (N_("杜威分类号"), _join(told.get("ddc", ()))), (N_("索书号"), told.get("call_number")),
        (N_("定价"), told.get("price_text")), (N_("摘要"), told.get("summary")),
        (N_("附注"), _join(told.get("notes", ())[:8])), (N_("网址"), _join(told.get("addresses", ()))),
        (N_("控制号"), told.get("control_number")), (N_("记录来源"), told.get("agency")),
    ]
    return [(_(label), text) for label, text in found if text]


def _join(texts: Any) -> str:
    return "；".join(text for text in texts if text)


def _author(author: Mapping[str, Any]) -> str:
    more = "，".join(filter(None, (author.get("dates"), author.get("role"))))
    other = f" {author['other_form']}" if author.get("other_form") else ""
    return f"{author['name']}{other}" + (f"（{more}）" if more else "")


def _isbn(number: Mapping[str, Any]) -> str:
    return str(number["isbn13"] or number["raw"])
