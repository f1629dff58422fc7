"""A refusal is rendered here and nowhere else: as JSON, as a toast, or as a page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from shared import metrics
from shared.i18n import N_, _, speaking
from shared.refusals import Invalid, NotFound, NotSignedIn, Refusal
from shared.web.middleware import SECURITY, choose_language

log = structlog.get_logger()

# pydantic's error types in our words; `ctx` fills the places.
WORDS: dict[str, str] = {
    "missing": N_("必填"),
    "string_too_short": N_("至少 {min_length} 个字"),
    "string_too_long": N_("最多 {max_length} 个字"),
    "greater_than": N_("须大于 {gt}"),
    "greater_than_equal": N_("不能小于 {ge}"),
    "less_than": N_("须小于 {lt}"),
    "less_than_equal": N_("不能大于 {le}"),
    "int_parsing": N_("请填整数"),
    "int_type": N_("请填整数"),
    "int_from_float": N_("请填整数"),
    "float_parsing": N_("请填数字"),
    "decimal_parsing": N_("请填数字"),
    "bool_parsing": N_("请选择是或否"),
    "date_from_datetime_parsing": N_("日期格式应为 2026-01-31"),
    "date_parsing": N_("日期格式应为 2026-01-31"),
    "datetime_parsing": N_("时间格式应为 2026-01-31 14:00"),
    "datetime_from_date_parsing": N_("时间格式应为 2026-01-31 14:00"),
    "enum": N_("请从列表中选择"),
    "literal_error": N_("请从列表中选择"),
    "uuid_parsing": N_("编号格式不对"),
    "string_pattern_mismatch": N_("格式不对"),
    "string_type": N_("请填文字"),
    "json_invalid": N_("内容不是有效的 JSON"),
    "extra_forbidden": N_("没有这一项"),
}


def words(error: dict[str, Any]) -> str:
    """One pydantic error as a msgid-translated sentence."""
    kind = error.get("type", "")
    if kind == "value_error":
        raised = error.get("ctx", {}).get("error")
        return _(str(raised) if raised else str(error.get("msg", "")))
    said = WORDS.get(kind)
    return _(said, **error.get("ctx", {})) if said else str(error.get("msg", ""))


def by_field(errors: list[Any], *, skip: int = 0) -> dict[str, str]:
    """Field → sentence; `skip` leading places of the location are left out (`body`)."""
    return {".".join(str(p) for p in e["loc"][skip:]): words(dict(e)) for e in errors}


def wants_json(request: Request) -> bool:
    """Whether a program asks rather than a person."""
    if request.url.path.startswith("/api/"):
        return True
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


def answer(request: Request, refusal: Refusal) -> Response:
    """The refusal in the form the caller understands."""
    metrics.REFUSALS.labels(refusal.code).inc()
    if wants_json(request):
        return JSONResponse(refusal.as_json(), status_code=refusal.status)
    if request.headers.get("hx-request"):
        lines = [str(r) for r in refusal.reasons] or [str(refusal)]
        trigger = {"toast": {"text": "；".join(lines), "tone": "bad"}}
        return Response(
            status_code=refusal.status,
            headers={"hx-trigger": json.dumps(trigger), "hx-reswap": "none", "x-sound": "stop"},
        )
    if isinstance(refusal, NotSignedIn):
        from urllib.parse import quote

        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(back, safe='')}", status_code=303)
    from shared.web.pages import page

    return page(request, "refusal.html", status=refusal.status, refusal=refusal, page_title=str(refusal), back=came_from(request))


def came_from(request: Request) -> str:
    """The screen of ours that led here, as a path; "" when none did or it is this one."""
    said = urlsplit(request.headers.get("referer", ""))
    house = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    if said.netloc != house or not said.path.startswith("/") or said.path.startswith(("//", "/login")):
        return ""
    if request.method == "GET" and said.path == request.url.path:
        return ""
    return said.path + (f"?{said.query}" if said.query else "")


def install(app: FastAPI) -> None:
    """Register the handlers; unexpected errors are logged with their correlation and said plainly."""

    @app.exception_handler(Refusal)
    async def _refused(request: Request, error: Refusal) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _malformed(request: Request, error: RequestValidationError) -> Response:
        return answer(request, Invalid(by_field(list(error.errors()), skip=1)))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(request, NotFound(request.url.path))
        refusal = Refusal()
        refusal.status = error.status_code  # type: ignore[misc]
        return answer(request, refusal)

    @app.exception_handler(Exception)
    async def _failed(request: Request, error: Exception) -> Response:
        route = getattr(request.scope.get("route"), "path", "?")
        metrics.FAILURES.labels(route).inc()
        log.error("request failed", route=route, exc_info=error)
        # Outside of `Edge`, which broke off with the error: language and safe headers are ours to give here.
        with speaking(choose_language(request.headers, request.url.query)):
            said = answer(request, Broken())
        said.headers.update(SECURITY)
        if known := request.headers.get("x-correlation-id"):
            said.headers["x-correlation-id"] = known
        return said


class Broken(Refusal):
    """We failed; nothing of the request was kept."""

    code = "internal"
    status = 500
    message = N_("系统出错，本次操作没有保存。请重试；仍不行请报修。")
