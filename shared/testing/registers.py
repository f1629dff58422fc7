"""One call shows that a register keeps every promise of its declaration, in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import httpx
from openpyxl import load_workbook

from shared import duties
from shared.identity import Actor
from shared.testing.tokens import headers
from shared.web.register import Action, Register, moves
from shared.web.register.fields import specs
from shared.work import Work

HAN = re.compile(r"[\u3400-\u9fff]")
# Someone whose post appears in no right of any department.
STRANGER = Actor("T-none", "Nobody", kind="staff", posts=("XXX-NONE",))
MAKER = Actor("T-maker", "Maker", kind="staff", posts=("XXX-NONE",))
VOID = {"input", "br", "hr", "img", "link", "meta", "use", "path", "circle", "polyline", "col"}


class _Words(HTMLParser):
    """Collects text and spoken attributes outside elements of class `data` (what people wrote)."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        data = bool(self.stack and self.stack[-1]) or tag in {"script", "style", "textarea", "datalist", "option"}
        data = data or "data" in (known.get("class") or "").split() or (known.get("lang") or "").startswith("zh")
        if not data:
            self.found += [known.get(a) or "" for a in ("aria-label", "title", "placeholder", "data-label")]
        if tag not in VOID:
            self.stack.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.stack:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not (self.stack and self.stack[-1]):
            self.found.append(data)


def han_in(page: str) -> list[str]:
    """Chinese words an English page still shows, except what people wrote."""
    main = page[page.find("<main"):page.find("</main>")]
    words = _Words()
    words.feed(main)
    return [w.strip() for w in words.found if HAN.search(w)]


class Promises:
    """The promises of one register, checked against a running application.

    `fill` gives form values for a good record (strings, as typed); `ask` the answers of actions
    that ask; `prepare(work, record, action)` makes a record ready for an action whose `do` or
    `when` wants more than the state; `acting(action)` names who takes it where a scope is narrow;
    `rank` is the title a holder must bear where a rule asks for one.
    """

    def __init__(
        self, register: Register, app: Any, fill: Callable[[], Mapping[str, Any]], *,
        ask: Mapping[str, Mapping[str, Any]] | None = None,
        prepare: Callable[[Work, Any, str], Awaitable[None]] | None = None,
        acting: Callable[[Action], Actor] | None = None, rank: str = "",
    ) -> None:
        self.register, self.app, self.fill, self.ask, self.prepare = register, app, fill, ask or {}, prepare
        self.acting, self.rank = acting, rank
        self.service = register.dept

    def holder(self, rights: Iterable[str], *, id: str = "T-holder") -> Actor:
        """Somebody who holds the first of these rights and may read the register."""
        posts = [r for r in rights if not r.startswith("@") and r not in {"staff", "patron", "*"}][:1]
        posts += [r for r in self.register.read if r not in {"staff", "patron", "*"}][:1]
        kind = "patron" if set(rights) == {"patron"} or self.register.read == ("patron",) else "staff"
        return Actor(id, "Holder", kind=kind, posts=tuple(posts), dept=self.service)

    @asynccontextmanager
    async def browser(self, actor: Actor, lang: str = "zh") -> AsyncIterator[httpx.AsyncClient]:
        """A client that acts as this person."""
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url="http://tests",
            headers={**headers(actor, self.service), "cookie": f"lang={lang}"},
        ) as client:
            yield client

    async def record(self, state: Any = None) -> str:
        """A record in that state, put there without its history; returns its key."""
        kit = self.app.state.kit
        async with kit.works.open(MAKER) as work:
            record = await self.register.open(work, **self.fill())
            if state is not None:
                record.state = state
            return self.register.key_of(record)

    async def check(self) -> None:
        """Everything."""
        await self.shows_its_pages()
        await self.says_what_is_wrong()
        await self.exports()
        await self.keeps_people_out()
        await self.lives_as_declared()

    async def shows_its_pages(self) -> None:
        """Empty list, list, record and form render in Chinese and English; English has no Han left."""
        register = self.register
        unknown = [d for d in register.serves if d not in duties.DUTIES]
        unknown += [d for a in register.actions for d in a.serves or () if d not in duties.DUTIES]
        assert not unknown, f"{register.topic} serves duties nobody has: {unknown}"
        reader = self.holder((*register.create, *register.read), id=MAKER.id)
        key = await self.record()
        for lang in ("zh", "en"):
            async with self.browser(reader, lang) as client:
                urls = [register.path + "?state=all", register.path + "?q=%3Dnothing-at-all", f"{register.path}/{key}"]
                urls += [register.path + "/new"] if register.can_create(reader) else []
                urls += [register.path + "/import"] if register.importing and register.can_create(reader) else []
                for url in urls:
                    answer = await client.get(url)
                    assert answer.status_code == 200, f"{url}: {answer.status_code}"
                    left = han_in(answer.text) if lang == "en" else []
                    assert not left, f"{url} in English still says {left}"

    async def says_what_is_wrong(self) -> None:
        """A form with everything required left out comes back as 422, each field marked, in both languages."""
        register = self.register
        required = [s.name for s in specs(register.form) if s.required and s.kind not in ("switch", "file")]
        maker = self.holder(register.create)
        if not required or not register.can_create(maker):
            return
        for lang in ("zh", "en"):
            async with self.browser(maker, lang) as client:
                answer = await client.post(register.path, data={"nothing": "1"})
                assert answer.status_code == 422, answer.status_code
                for name in required:
                    assert f'id="f-{name}-error"' in answer.text, f"{name} is not marked"
                assert lang == "zh" or not han_in(answer.text), han_in(answer.text)
                answer = await client.post(register.api_path, json={})
                assert set(required) <= set(answer.json()["errors"])

    async def exports(self) -> None:
        """The spreadsheet has the list's columns and at least the one row."""
        register = self.register
        if not register.export:
            return
        await self.record()
        reader = self.holder(register.read, id=MAKER.id)
        async with self.browser(reader) as client:
            answer = await client.get(register.path + "/export")
            assert answer.status_code == 200
            rows = list(load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
            assert len(rows) >= 2
            assert len(rows[0]) == len(register.seen_cols(reader))

    async def keeps_people_out(self) -> None:
        """Without the right: 403 on reading, creating and every action, whatever state it is in."""
        register = self.register
        outsider = Actor("T-out", "Outsider", kind="outsider")
        async with self.browser(outsider) as client:
            if "*" not in register.read:
                assert (await client.get(register.path)).status_code == 403
                assert (await client.get(register.api_path)).status_code == 403
            if register.form and "*" not in register.create:
                assert (await client.post(register.path, data=dict(self.fill()))).status_code in (403, 405)
        reader = self.holder(register.read)
        for state, action in self._steps():
            everybody = {"staff", "*"} & set(action.by)
            stranger = Actor(STRANGER.id, "Nobody", kind=reader.kind, posts=tuple(
                p for p in reader.posts if not reader.holds(action.by)
            ) or STRANGER.posts)
            if everybody or stranger.holds(action.by):
                continue
            key = await self.record(state)
            async with self.browser(stranger) as client:
                asked = self.ask.get(action.name, {})
                answer = await client.post(f"{register.api_path}/{key}/{action.name}", json=dict(asked))
                # Who may not see the record at all is told that there is none.
                assert answer.status_code in (403, 404), f"{action.name} in {state}: {answer.status_code}"

    def _steps(self) -> list[tuple[Any, Any]]:
        register = self.register
        if register.life is None:
            return [(None, a) for a in register.actions]
        return [(state, register.verbs[name]) for (state, name) in register.life_table]

    async def lives_as_declared(self) -> None:
        """Every state and action: moved where LIFE says, or refused and left as it was."""
        register = self.register
        if register.life is None or register.state is None:
            return
        kit = self.app.state.kit
        for state in register.state:
            for action in register.actions:
                key = await self.record(state)
                target = register.life_table.get((state, action.name))
                if target is not None and self.prepare:
                    async with kit.works.open(MAKER) as work:
                        await self.prepare(work, await moves.fetch(register, work, key, lock=True), action.name)
                await self._one(key, state, action, target)

    async def _one(self, key: str, state: Any, action: Any, target: Any) -> None:
        kit, register = self.app.state.kit, self.register
        if self.acting:
            return await self._take(key, state, action, target, self.acting(action))
        named = [r for r in action.by if r.startswith("@")]
        actor = self.holder(action.by)
        if named and not actor.holds(r for r in action.by if not r.startswith("@")):
            async with kit.works.open(MAKER) as work:
                record = await moves.fetch(register, work, key)
                actor = self.holder(action.by, id=str(getattr(record, named[0][1:])))
        if not action.by:  # a step only the system takes
            actor = Actor("system", kind="system")
        return await self._take(key, state, action, target, actor)

    async def _take(self, key: str, state: Any, action: Any, target: Any, actor: Actor) -> None:
        kit, register = self.app.state.kit, self.register
        async with self.browser(actor) as client:
            answer = await client.post(
                f"{register.api_path}/{key}/{action.name}", json=dict(self.ask.get(action.name, {}))
            )
        async with kit.works.open(Actor("system", kind="system")) as work:
            now = register.state_of(await moves.fetch(register, work, key))
        if target is None:
            # Where the right is a person's, an unprepared record may name nobody yet.
            refused = (403, 409) if any(r.startswith("@") for r in action.by) else (409,)
            assert answer.status_code in refused, f"{action.name} in {state}: {answer.status_code}"
            assert now == state
        elif action.when is None or self.prepare:
            assert answer.status_code == 200, f"{action.name} in {state}: {answer.text}"
            assert now in set(register.life_table.values())
            if action.do is None:
                assert now == target
        else:
            assert answer.status_code in (200, 409)


async def keeps_its_promises(
    register: Register, app: Any, fill: Callable[[], Mapping[str, Any]], **more: Any
) -> None:
    """What a department's tests call for each of its registers."""
    await Promises(register, app, fill, **more).check()


__all__ = ["Promises", "han_in", "keeps_its_promises"]
