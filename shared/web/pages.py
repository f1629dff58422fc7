"""Render a page, or only the block of it that htmx asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Query
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
)
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.duties import POSTS, name
from shared.i18n import ROOT, _, language, ngettext, pick
from shared.settings import Settings

# The pager's links say `page`, on every screen of the house.
PageNo = Annotated[int, Query(alias="page", ge=1, le=100_000)]

if TYPE_CHECKING:
    from shared.service import Kit


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation: shown to those who hold a right in `who`."""

    label: str
    url: str
    icon: str = "circle"
    who: tuple[str, ...] = ("staff",)
    badge: str = ""
    serves: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A corridor of a department: a heading with its rooms below it."""

    label: str
    entries: Sequence[Any] = field(default_factory=tuple)


@lru_cache
def manifest(static: Path) -> Mapping[str, str]:
    """Logical name → hashed name of the built front-end files."""
    path = static / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _compiled() -> FileSystemBytecodeCache | None:
    """Where compiled templates wait for the next start: a folder of this user alone, or none where nothing can be written."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):
        return None


def new_environment(settings: Settings, folders: Sequence[Path]) -> Environment:
    """Templates of the kit first, then those of the department's rooms."""
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(str(p)) for p in (ROOT / "shared/web/templates", *folders)]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False, bytecode_cache=_compiled(), extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )

    def asset(name: str) -> str:
        return "/static/" + manifest(settings.static).get(name, name)

    def icon(name: str, cls: str = "") -> Markup:
        return Markup('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
            cls, asset("icons.svg"), name
        )

    from shared.web import show

    env.globals.update(
        _=_, ngettext=ngettext, pick=pick, asset=asset, icon=icon, lang_of=language,
        library_name=lambda: pick(settings.library_name, settings.library_name_en),
    )
    env.filters.update(
        money=show.money, day=show.day, moment=show.moment, clock=show.clock, ago=show.ago,
        span=show.span, urlquote=quote,
    )
    # A block rendered alone does not run the template's top level: the macros must be there already.
    if (ROOT / "shared/web/templates/macros/ui.html").exists():
        env.globals["ui"] = env.get_template("macros/ui.html").module
    return env


def _nav(kit: Kit, request: Request) -> list[dict[str, Any]]:
    actor = request.state.actor
    path = request.url.path
    groups = []
    # Of rooms whose addresses lie within one another, one stands in the innermost.
    here = max((e.url for area in kit.areas for e in area.entries if path == e.url or path.startswith(e.url.rstrip("/") + "/")), key=len, default="")
    for area in kit.areas:
        shown = [e for e in area.entries if "*" in e.who or actor.holds(e.who)]
        if shown:
            groups.append({
                "label": _(area.label),
                "entries": [
                    {
                        "label": _(e.label), "url": e.url, "icon": e.icon, "badge": e.badge,
                        "active": e.url == here and (e.url != "/" or path == "/"),
                    }
                    for e in shown
                ],
            })
    return groups


def _flash(request: Request) -> list[dict[str, str]]:
    """What the last POST had to say, for people without script (the script shows it as a toast)."""
    try:
        said = json.loads(unquote(request.cookies["flash"]))
        return [{"text": str(said["text"]), "tone": str(said.get("tone", "ok"))}]
    except (KeyError, ValueError, TypeError):
        return []


def context(request: Request) -> dict[str, Any]:
    """What the frame needs on every page."""
    kit: Kit = request.app.state.kit
    actor = getattr(request.state, "actor", None)
    theme = request.cookies.get("theme", "auto")
    return {
        "me": actor if actor and actor.kind != "anonymous" else None,
        "my_posts": [name(POSTS[code]) for code in actor.posts if code in POSTS] if actor else [],
        "dept": kit.dept, "dept_title": _(kit.title), "lang": language(),
        "theme": theme if theme in {"light", "dark"} else "auto",
        "path": request.url.path, "query": request.url.query, "nav": _nav(kit, request) if actor else [],
        "crumbs": [], "flash": _flash(request), "page_title": _(kit.title), "request": request,
    }


def render_text(request: Request, template: str, /, *, block: str = "", **values: Any) -> str:
    """The markup of a template, or of one block of it."""
    kit: Kit = request.app.state.kit
    found = kit.templates.get_template(template)
    full = {**context(request), **values}
    if not block:
        return found.render(full)
    made = found.new_context(full)
    return "".join(found.blocks[block](made))


def page(
    request: Request, template: str, /, *, status: int = 200, block: str = "",
    headers: Mapping[str, str] | None = None, **values: Any,
) -> HTMLResponse:
    """A whole page; or, when htmx asks for a fragment and `block` is given, that block alone."""
    partial = block if block and request.headers.get("hx-request") and not _wants_page(request) else ""
    text = render_text(request, template, block=partial, **values)
    answer = HTMLResponse(text, status_code=status, headers=dict(headers or {}))
    answer.headers["vary"] = "HX-Request, Cookie"
    answer.headers.setdefault("cache-control", "no-store")
    return answer


def _wants_page(request: Request) -> bool:
    return request.headers.get("hx-boosted") == "true" or request.headers.get("hx-history-restore-request") == "true"


def see_other(request: Request, url: str, *, toast: str = "", tone: str = "ok") -> Response:
    """After a successful POST: show the result, and say what happened."""
    if request.headers.get("hx-request"):
        headers = {"hx-redirect": url}
        answer: Response = Response(status_code=200, headers=headers)
    else:
        answer = RedirectResponse(url, status_code=303)
    if toast:
        answer.set_cookie(
            "flash", quote(json.dumps({"text": toast, "tone": tone})), max_age=20, samesite="lax", path="/"
        )
    return answer


def toast(answer: Response, text: str, tone: str = "ok", link: str = "") -> Response:
    """Let the page say one line in a corner."""
    body = {"toast": {"text": text, "tone": tone, "link": link}}
    answer.headers["hx-trigger"] = json.dumps(body)  # ASCII: headers carry no Han
    return answer
