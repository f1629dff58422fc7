"""People in front of real screens: one browser context a person, and everything a screen complained about."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    async_playwright,
)

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "shots"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
DESKTOP, PHONE = (1440, 900), (390, 844)
FLAGS = (
    "--no-sandbox", "--lang=zh-CN", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
)  # fmt: skip
HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")


@dataclass
class Screen:
    """One person's browser window."""

    name: str
    base_url: str
    context: BrowserContext
    page: Page
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Remember what a developer would see in the console: errors, refused scripts, failed answers."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium repeats every failed answer as an error without its address; `_response` has the address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text} ({message.location.get('url')}:{message.location.get('lineNumber')})")
        elif "Content Security Policy" in message.text or "Refused to" in message.text:
            self.complaints.append(f"policy: {message.text}")

    def _response(self, answer: Response) -> None:
        if answer.status >= 500 or (answer.status == 404 and answer.request.resource_type != "document"):
            self.complaints.append(f"{answer.status} {answer.url}")

    async def go(self, path: str, *, wait: str = "load") -> Response:
        """Open an address of the suite."""
        answer = await self.page.goto(self.base_url + path, wait_until=wait)  # type: ignore[arg-type]
        assert answer is not None, path
        return answer

    async def shot(self, name: str, *, whole: bool = False) -> Path:
        """A picture for people to look at."""
        path = self.folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        await self.page.wait_for_load_state()
        await self.page.screenshot(path=path, full_page=whole, animations="disabled")
        return path

    async def says(self, words: str, *, within: float = 20) -> Locator:
        """Wait until the words stand on the screen; no reload is made."""
        found = self.page.get_by_text(words).first
        await found.wait_for(state="visible", timeout=within * 1000)
        return found

    async def look(self, theme: str, size: tuple[int, int]) -> None:
        """Change theme and width of the page as it is, and wait until it is drawn anew."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.page.evaluate(_THEME, theme)
        await self.page.evaluate(_SETTLED)

    async def too_wide(self) -> list[str]:
        """What sticks out of the window to the right, outermost first; empty on a sound page."""
        return await self.page.evaluate(_TOO_WIDE)

    async def foreign(self) -> list[str]:
        """Chinese on an English page outside of what people wrote (`.data`) and of words in that language."""
        texts: list[str] = await self.page.evaluate(_WORDS)
        return [text for text in texts if HAN.search(text)]

    async def machine_words(self) -> list[str]:
        """Names of columns where words should stand, values nobody filled, keys of the database."""
        return await self.page.evaluate(_MACHINE_WORDS)

    async def cut_off(self) -> list[str]:
        """Tables of which the right part is only seen by pushing them."""
        return await self.page.evaluate(_CUT_OFF)

    async def dead_ends(self) -> list[str]:
        """Lists that do not say how long they are, and emptiness that does not say what to do."""
        return await self.page.evaluate(_DEAD_ENDS)

    async def send_empty(self) -> int:
        """Send the page's form as it is, past the browser's own checks; the status of the answer."""
        async with self.page.expect_navigation(wait_until="load") as sent:
            await self.page.evaluate(
                "() => { const f = [...document.querySelectorAll('main form[method=post]')].find((one) => one.checkVisibility());"
                " f.noValidate = true; f.submit(); }"
            )
        return (await sent.value).status

    async def axe(self) -> list[str]:
        """Violations of accessibility rules, each with the first element that breaks it."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
        found: list[dict[str, Any]] = await self.page.evaluate(_AXE)
        return [f"{v['id']} ({v['impact']}): {v['nodes'][:3]}" for v in found]


class Chromium:
    """One real browser; every person gets a context of their own and signs in once."""

    def __init__(self, program: str, base_url: str, password: str) -> None:
        self.program, self.base_url, self.password = program, base_url, password
        self._signed_in: dict[str, Any] = {}
        self._until_the_end = AsyncExitStack()
        self._browser: Browser

    async def start(self) -> None:
        """Launch it."""
        driver = await self._until_the_end.enter_async_context(async_playwright())
        self._browser = await driver.chromium.launch(executable_path=self.program, args=list(FLAGS))
        self._until_the_end.push_async_callback(self._browser.close)

    async def close(self) -> None:
        """End it."""
        await self._until_the_end.aclose()

    async def open(
        self, person: str, folder: str, *, lang: str = "zh", theme: str = "light",
        size: tuple[int, int] = DESKTOP, scripts: bool = True,
    ) -> Screen:  # fmt: skip
        """A window of this person ("" is a visitor), in a language, a theme and a size."""
        state = await self._session(person) if person else {"cookies": []}
        phone = size[0] < 768
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB" if lang == "en" else "zh-CN",
            timezone_id="Asia/Shanghai", reduced_motion="reduce", java_script_enabled=scripts,
            has_touch=phone, is_mobile=phone, device_scale_factor=1,
        )  # fmt: skip
        context.set_default_timeout(20_000)
        await context.add_cookies([
            *state["cookies"],
            *({"name": k, "value": v, "url": self.base_url} for k, v in (("lang", lang), ("theme", theme))),
        ])
        screen = Screen(person or "visitor", self.base_url, context, await context.new_page(), SHOTS / folder)
        screen.listen()
        return screen

    async def _session(self, person: str) -> Any:
        """Cookies of the person's session; signing in is limited per minute, so each does it once."""
        if person not in self._signed_in:
            context = await self._browser.new_context()
            page = await context.new_page()
            await page.goto(self.base_url + "/login")
            await sign_in(page, person, self.password)
            self._signed_in[person] = await context.storage_state()
            await context.close()
        return self._signed_in[person]


async def sign_in(page: Page, person: str, password: str) -> None:
    """Fill in the sign-in form as a person would."""
    await page.fill("input[name=username]", person)
    await page.fill("input[name=password]", password)
    async with page.expect_navigation(wait_until="load"):
        await page.press("input[name=password]", "Enter")
    assert "/login" not in page.url, f"{person} cannot sign in: {await page.inner_text('main')}"


_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + 1) return [];
  const clipped = (el) => { for (let p = el.parentElement; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
  return [...document.body.querySelectorAll('*')].filter((el) => el.getClientRects().length
    && el.getBoundingClientRect().right > width + 1 && !clipped(el)).slice(0, 5)
    .map((el) => `${el.tagName.toLowerCase()}.${el.className} ${Math.round(el.getBoundingClientRect().right)} > ${width}`);
}"""

_WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  // The name of a record also stands in the window's title and at the end of the crumbs.
  const named = document.querySelector('h1.data, h1 .data')?.textContent.trim();
  const found = [document.title.split(' · ')[0]];
  const skip = '.data, [lang^=zh], script, style, noscript, template, textarea, datalist, .avatar';
  const shown = (el) => el && !el.closest(skip);
  // A sentence about a record has the record's name in it; only its other words are ours.
  const told = (el) => el.closest('.todo, .feed, .timeline');
  const ours = (text) => /[a-z]{2}/i.test(text) ? text.replace(/[^\\x00-\\x7f]+/g, '') : text;
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (shown(el)) found.push(told(el) ? ours(text) : text);
  }
  for (const el of document.body.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    if (shown(el)) for (const name of ['aria-label', 'title', 'placeholder', 'alt']) found.push(el.getAttribute(name) || '');
  return found.filter((text) => !named || !text.includes(named));
}"""

_DEAD_ENDS = """() => {
  const found = [], shown = (el) => el.checkVisibility();
  for (const table of [...document.querySelectorAll('main table')].filter(shown)) {
    const rows = table.querySelectorAll('tbody tr[data-row]').length;
    const near = table.closest('section, .card, #list') ?? document.querySelector('main');
    const says = near.querySelector('.pager, .total, .card-head .count, h2 .count') || document.querySelector('main nav.tabs a[aria-current] small');
    if (rows && !says) found.push(`a list of ${rows} does not say how long it is: ${near.id || near.className}`);
    if (rows > 100) found.push(`${rows} rows on one page`);
  }
  for (const empty of [...document.querySelectorAll('main .empty')].filter(shown))
    if (!empty.querySelector('p, a, button')) found.push(`empty, and no word what to do: ${empty.textContent.trim()}`);
  return found;
}"""

_MACHINE_WORDS = """() => {
  const found = [], main = document.querySelector('main');
  for (const el of main.querySelectorAll('h1, h2, h3, th, dt, label, legend, .btn, .chip, nav.tabs a, option, input[placeholder]')) {
    const text = (el.placeholder ?? el.textContent).trim();
    if (!el.closest('.data, code, pre, [lang=en]') && /^[a-z][a-z_-]*$/.test(text)) found.push(`a name of the machine's: ${text}`);
  }
  const said = main.innerText.match(/\\bundefined\\b|\\bNaN\\b|\\[object |[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-\\S*/);
  return said ? [...found, `said by the machine: ${said[0]}`] : found;
}"""

_CUT_OFF = """() => [...document.querySelectorAll('main .table-wrap')]
  .filter((el) => el.checkVisibility() && el.scrollWidth > el.clientWidth + 60)
  .map((el) => `a table is cut off at the right: ${el.scrollWidth - el.clientWidth} px`)"""

_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

_THEME = "(theme) => { const r = document.documentElement; r.dataset.theme = r.dataset.bsTheme = theme; }"

_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag',
    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } });
  return violations.map((v) => ({ id: v.id, impact: v.impact,
    nodes: v.nodes.map((n) => `${n.target.join(' ')} — ${n.any.concat(n.all).map((c) => c.message).slice(0, 1)}`) }));
}"""
