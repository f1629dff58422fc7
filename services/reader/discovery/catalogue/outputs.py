"""What other programs fetch of the catalogue: covers, references, the feed of new books. Open to everybody."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.reader.discovery.catalogue import queries
from services.reader.discovery.catalogue.cover import draw
from services.reader.discovery.catalogue.formats import FORMATS, exported
from services.reader.discovery.catalogue.linked import feed
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.vocabulary import CLASSES
from shared.doors import Router, WorkDep, allow
from shared.refusals import NotFound
from shared.work import Work

router = Router(prefix="/reader/catalogue", tags=["catalogue"], dependencies=[allow("*")])
QUARTER, DAY = "public, max-age=900", "public, max-age=86400"


def base_of(request: Request) -> str:
    """The address people reach the library under, without a slash at its end."""
    settings = request.app.state.kit.settings
    if settings.public_url:
        return str(settings.public_url).rstrip("/")
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    return f"{request.headers.get('x-forwarded-proto', request.url.scheme)}://{host}"


def cached(request: Request, body: str, media: str, control: str) -> Response:
    """An answer others may keep; who has it already is told so."""
    tag = '"' + sha256(body.encode()).hexdigest()[:24] + '"'
    headers = {"etag": tag, "cache-control": control}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)


def attachment(text: str, name: str, stem: str) -> Response:
    """References as a file in the format's own type."""
    form = FORMATS[name]
    return Response(text, media_type=f"{form.media}; charset=utf-8", headers={
        "content-disposition": f"attachment; filename*=UTF-8''{quote(stem, safe='')}.{form.suffix}",
    })


async def visible(work: Work, number: str) -> CatalogueRecord:
    """The record everybody may see, or the refusal."""
    record = await queries.record_by_number(work.session, number)
    if record is None:
        raise NotFound(number)
    return record


@router.get("/new.atom")
async def new_books(request: Request, work: WorkDep, clc: str = "") -> Response:
    """The last fifty works that came, of one main class or of all."""
    if clc and clc not in CLASSES:
        raise NotFound(clc[:20])
    base, settings = base_of(request), request.app.state.kit.settings
    label = f"{clc} {CLASSES[clc]}" if clc else ""
    # Others keep one copy for all their readers: its words do not depend on who asks.
    title = " · ".join(filter(None, (settings.library_name, "新书通报 New books", label)))
    body = feed(
        await queries.arrivals(work.session, clc), base=base, title=title, by=settings.library_name,
        here=f"{base}/reader/catalogue/new.atom" + (f"?clc={clc}" if clc else ""),
    )
    return cached(request, body, "application/atom+xml", QUARTER)


@router.get("/{number}/cover.svg")
async def cover(request: Request, work: WorkDep, number: str) -> Response:
    """The drawn cover."""
    return cached(request, draw(await visible(work, number)), "image/svg+xml", DAY)


@router.get("/{number}/cite/{form}")
async def cite(work: WorkDep, number: str, form: str) -> Response:
    """The reference as a file."""
    if form not in FORMATS:
        raise NotFound(form[:20])
    record = await visible(work, number)
    return attachment(exported([record], form), form, record.number)


async def redirect_moved(work: Work, number: str) -> Response | None:
    """Where the work is found whose number changed or whose record was merged."""
    now = await queries.moved_to(work.session, number)
    return RedirectResponse(f"/reader/catalogue/{quote(now, safe='')}", status_code=301) if now else None
