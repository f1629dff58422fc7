"""What heads of a service point settle: the wording of letters, and whom to write to at a college."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.notices import commands, queries, rules
from services.reader.desk.notices.composing import Draft, Receiver, compose
from services.reader.desk.notices.model import Hook, Notice
from services.reader.desk.notices.pages import CRUMB
from services.reader.desk.notices.samples import sample
from services.reader.desk.notices.wording import newest_versions, shipped, versions, words_for
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.web.pages import page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/notices", tags=["notices"], dependencies=[allow(*DESK)])
WORDINGS = N_("通知文案")
COLLEGES = N_("学院联系人")


@router.get("/wordings")
async def wordings(request: Request, work: WorkDep) -> Response:
    """Every hook in both languages, and whether it was changed here."""
    return page(
        request, "notices/wordings.html", page_title=_(WORDINGS), hooks=list(Hook), extra=rules.EXTRA,
        courtesy=rules.COURTESY, newest=await newest_versions(work.session), languages=rules.LANGUAGES,
        crumbs=[(_(CRUMB), "/reader/notices"), (_(WORDINGS), "")],
    )


def _known(hook: str, language: str) -> Hook:
    if hook not in {one.value for one in Hook} or language not in rules.LANGUAGES:
        raise NotFound(f"{hook}/{language}")
    return Hook(hook)


async def _facts(work: Work, hook: Hook) -> tuple[dict[str, Any], bool]:
    """A real case without its person, else an invented one; and whether it is real."""
    real = await queries.example(work.session, hook)
    invented = sample(hook, work.today)
    return ({**invented, **real.facts, "card": invented["card"]}, True) if real else (invented, False)


async def _preview(request: Request, work: Work, hook: Hook, language: str, words: rules.Words) -> Draft:
    facts, _real = await _facts(work, hook)
    college = _(N_("某学院")) if hook in rules.TO_COLLEGE else ""
    notice = Notice(hook=hook, about="", party="", facts=facts, college=college, at=work.now, next_at=work.now)
    receiver = Receiver(work.actor.name or work.actor.id, "", language)
    return await compose(work.session, request.app.state.kit.settings, [notice], receiver, work.today, words)


async def _form(
    request: Request, work: Work, hook: Hook, language: str, words: rules.Words, *,
    errors: dict[str, str] | None = None, address: str = "", seen: int | None = None, status: int = 200,
) -> Response:
    errors = {name: _(text) for name, text in (errors or {}).items()}
    preview = None if errors.keys() & {"subject", "text", "line"} else await _preview(request, work, hook, language, words)
    labels = {"subject": _(N_("主题")), "text": _(N_("正文")), "line": _(N_("逐条格式")), "address": _(N_("试发到"))}
    is_head = work.actor.holds(HEAD)
    common = {"readonly": not is_head, "span": 12}
    fields = [
        {"name": "subject", "label": labels["subject"], "value": words.subject, "required": True, "maxlength": 200, **common},
        {"name": "text", "label": labels["text"], "kind": "textarea", "rows": 14, "value": words.text, "required": True, "maxlength": 4000, **common},
        {"name": "line", "label": labels["line"], "value": words.line, "maxlength": 300, **common,
         "help": _(N_("每件事一行，放在正文 {items} 的位置"))},
    ]
    for field in fields:
        field["error"] = errors.get(str(field["name"]), "")
    old = await versions(work.session, hook, language)
    newest = old[0].version if old else 0
    _facts_used, real = await _facts(work, hook)
    return page(
        request, "notices/wording.html", status=status, page_title=hook.text, hook=hook, language=language, fields=fields,
        errors=[(name, labels[name], text) for name, text in errors.items()], preview=preview, versions=old,
        seen=newest if seen is None else seen, address=address, address_error=errors.get("address", ""), real=real,
        names=await people.names(work, [one.by for one in old]), is_head=is_head, default=shipped(hook, language),
        in_letter=rules.IN_LETTER, in_line={name: rules.IN_LINE[name] for name in rules.LINE_OF[hook]},
        crumbs=[(_(CRUMB), "/reader/notices"), (_(WORDINGS), "/reader/notices/wordings"), (hook.text, "")],
    )


@router.get("/wordings/{hook}/{language}")
async def wording(
    request: Request, work: WorkDep, hook: str, language: str, version: int | None = None
) -> Response:
    """The wording in use, or an older one to start from, with a letter made of it."""
    kind = _known(hook, language)
    words = await words_for(work.session, kind, language)
    if version == 0:
        words = shipped(kind, language)
    elif version is not None:
        old = [one for one in await versions(work.session, kind, language) if one.version == version]
        if not old:
            raise NotFound(version)
        words = rules.Words(old[0].subject, old[0].text, old[0].line, version)
    return await _form(request, work, kind, language, words)


@router.post("/wordings/{hook}/{language}", dependencies=[allow(*HEAD)])
async def change(
    request: Request, work: WorkDep, hook: str, language: str, subject: Annotated[str, Form(max_length=200)] = "",
    text: Annotated[str, Form(max_length=4000)] = "", line: Annotated[str, Form(max_length=300)] = "",
    seen: Annotated[int, Form()] = 0, act: Annotated[str, Form()] = "save",
) -> Response:
    """Look at it, or save it as a new version; what is wrong is said and nothing typed is lost."""
    kind = _known(hook, language)
    words = rules.Words(subject, text.replace("\r\n", "\n"), line)
    try:
        if act == "preview":
            rules.check(kind, words)
            return await _form(request, work, kind, language, words, seen=seen)
        saved = await commands.save_wording(work, hook=kind, language=language, words=words, seen=seen)
    except rules.UnknownPlace as error:
        return await _form(request, work, kind, language, words, errors=error.errors, seen=seen, status=422)
    return see_other(
        request, f"/reader/notices/wordings/{hook}/{language}", toast=_(N_("已存为第 {n} 版，从下一封信起使用"), n=saved.version)
    )


@router.post("/wordings/{hook}/{language}/trial", dependencies=[allow(*HEAD)])
async def trial(
    request: Request, work: WorkDep, hook: str, language: str, address: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """One letter to one's own mailbox, by the way all letters take."""
    kind = _known(hook, language)
    facts, _real = await _facts(work, kind)
    try:
        sent = await commands.send_trial(work, hook=kind, language=language, address=address.strip(), facts=facts)
    except Invalid as error:
        words = await words_for(work.session, kind, language)
        return await _form(request, work, kind, language, words, errors=error.errors, address=address, status=422)
    return see_other(request, f"/reader/notices/{sent.id}", toast=_(N_("试发的信已排队")))


@router.get("/colleges")
async def colleges(request: Request, work: WorkDep) -> Response:
    """Whom the letter about loans 60 days overdue goes to; colleges without an address first."""
    return await _colleges(request, work)


async def _colleges(
    request: Request, work: Work, *, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None
) -> Response:
    return page(
        request, "notices/colleges.html", status=422 if errors else 200, page_title=_(COLLEGES),
        rows=await queries.colleges(work.session), typed=typed or {}, is_head=work.actor.holds(HEAD),
        errors=[("", "", _(text)) for text in (errors or {}).values()],
        crumbs=[(_(CRUMB), "/reader/notices"), (_(COLLEGES), "")],
    )


@router.post("/colleges", dependencies=[allow(*HEAD)])
async def save_college(
    request: Request, work: WorkDep, college: Annotated[str, Form(max_length=80)] = "",
    name: Annotated[str, Form(max_length=80)] = "", email: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Save one contact."""
    try:
        await commands.save_contact(work, college=college, name=name, email=email)
    except Invalid as error:
        typed = {"college": college, "name": name, "email": email}
        return await _colleges(request, work, typed=typed, errors=error.errors)
    return see_other(request, "/reader/notices/colleges", toast=_(N_("{college} 的联系人已保存"), college=college))
