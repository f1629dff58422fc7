"""Every template compiles, keeps the strict policy, and says where its words come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.architecture.tree import named, sources

TEMPLATES = sources(suffix=".html")
ENV = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_it_compiles(path: Path) -> None:
    ENV.parse(path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_it_keeps_the_content_policy(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), "inline script"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "inline event handler"
    assert "hx-on" not in text
    assert not re.search(r"<style\b|\sstyle\s*=|[\"']style[\"']\s*:", text), "inline style: a class instead, or the script's element.style"
    assert "js:" not in text
    assert not re.search(r"https?://(?!www\.w3\.org|schema\.org)", text), "address of another host"
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", sources(suffix=".js"), ids=named)
def test_a_script_sets_styles_only_as_the_policy_lets_it(path: Path) -> None:
    """`element.style` is no inline style; an attribute or an element made of text is one, and the browser drops it."""
    assert not re.search(r"<style\b|\sstyle=[\"'\\]|setAttribute\(\s*[\"']style|createElement\(\s*[\"']style", path.read_text())


# The style guide shows what people wrote; the language switch is written in the other language.
SAMPLES = {"shared/web/templates/patterns.html"}
SWITCH = "data-set-lang"


@pytest.mark.parametrize("path", [p for p in TEMPLATES if named(p) not in SAMPLES], ids=named)
def test_its_chinese_is_translatable(path: Path) -> None:
    """Han characters stand inside `_()`/`ngettext()` or a comment, nowhere else."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    text = re.sub(r"(_|ngettext|N_)\((?:[^()]|\([^()]*\))*\)", "", text, flags=re.S)
    left = [line.strip() for line in text.splitlines() if HAN.search(line) and SWITCH not in line]
    assert not left
