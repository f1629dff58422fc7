"""Lists belong to their patron alone, until they are shared by a link. covers: RDR-LED-FRD-01"""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import text

from services.reader.discovery.account.queries import own_patron
from services.reader.discovery.lists import commands
from services.reader.discovery.lists.rules import MOST_LISTS
from shared.events.resources import RecordSuppressed, RecordUnmerged
from shared.identity import Actor
from shared.testing.registers import han_in
from tests.reader.discovery.conftest import CLERK, Book, Library


async def _list(library: Library, patron: Actor, *books: Book, title: str = "毕业论文") -> str:
    answer = await library.post("/reader/my/lists", patron, data={"title": title})
    here = answer.headers["location"]
    for book in books:
        answer = await library.post(f"/reader/my/lists/add/{book.number}", patron, data={"into": here.rpartition("/")[2]})
        assert answer.status_code == 303
    return here


async def test_a_list_from_the_books_page_to_the_references(library: Library) -> None:
    patron = await library.patron()
    one, two = await library.book("活着", authors=("余华",)), await library.book("兄弟", authors=("余华",))
    answer = await library.post(f"/reader/my/lists/add/{one.number}", patron, data={"title": "当代小说"})
    here = answer.headers["location"]
    await library.post(f"/reader/my/lists/add/{two.number}", patron, data={"into": here.rpartition("/")[2]})
    await library.post(f"/reader/my/lists/add/{two.number}", patron, data={"into": here.rpartition("/")[2]})  # once is enough
    page = (await library.get(here, patron)).text
    assert page.count('class="hit"') == 2
    cited = (await library.get(f"{here}/cite/gbt7714", patron)).text
    assert cited.splitlines()[0].startswith("[1] 余华. 活着[M]")
    assert "当代小说" in (await library.get("/reader/my/lists", patron)).text
    assert "当代小说" in (await library.get(f"/reader/catalogue/{one.number}", patron)).text
    assert (await library.get(f"{here}/cite/bibtex", patron)).text.count("@book{") == 2


async def test_notes_names_and_removal(library: Library) -> None:
    patron, book = await library.patron(), await library.book("活着")
    here = await _list(library, patron, book)
    page = (await library.get(here, patron)).text
    entry = re.search(rf"{here}/entries/([0-9a-f-]+)/note", page)[1]  # type: ignore[index]
    await library.post(f"{here}/entries/{entry}/note", patron, data={"note": "第三章引用"})
    await library.post(here, patron, data={"title": "新名字", "note": "说明"})
    page = (await library.get(here, patron)).text
    assert "第三章引用" in page
    assert "新名字" in page
    await library.post(f"{here}/entries/{entry}/remove", patron)
    assert "书单还是空的" in (await library.get(here, patron)).text
    await library.post(f"{here}/delete", patron)
    assert (await library.get(here, patron)).status_code == 404


async def test_nobody_else_gets_at_a_list_not_even_the_desk(library: Library) -> None:
    patron, other, book = await library.patron(), await library.patron(), await library.book("活着")
    here = await _list(library, patron, book)
    for stranger, said in ((other, 404), (CLERK, 403)):
        assert (await library.get(here, stranger)).status_code == said
        assert (await library.get(f"{here}/cite/ris", stranger)).status_code == said
        for act in ("", "/share", "/unshare", "/delete"):
            assert (await library.post(here + act, stranger, data={"title": "x"})).status_code == said
        into = {"into": here.rpartition("/")[2]}
        assert (await library.post(f"/reader/my/lists/add/{book.number}", stranger, data=into)).status_code == said
    assert (await library.get(here)).headers["location"].startswith("/login")
    assert (await library.get(here, patron)).status_code == 200
    async with library.work() as work:
        told = await work.session.scalar(text(
            "SELECT (SELECT count(*) FROM audit WHERE subject IN ('reading_list', 'list_entry')) "
            "+ (SELECT count(*) FROM outbox WHERE payload::text LIKE '%毕业论文%')"
        ))
    assert told == 0


async def test_a_link_shows_the_list_but_not_whose_it_is(library: Library) -> None:
    patron, book = await library.patron(), await library.book("活着")
    here = await _list(library, patron, book)
    await library.post(f"{here}/share", patron)
    link = re.search(r"http://tests(/reader/lists/[\w-]{24})", (await library.get(here, patron)).text)[1]  # type: ignore[index]
    answer = await library.get(link)
    assert answer.status_code == 200
    assert "活着" in answer.text
    assert patron.card not in answer.text
    assert patron.name not in answer.text
    assert "noindex" in answer.headers["x-robots-tag"]
    assert (await library.get(f"{link}/cite/ris")).status_code == 200
    await library.post(f"{here}/share", patron)  # asked again, the address stays
    assert (await library.get(link)).status_code == 200
    await library.post(f"{here}/unshare", patron)
    assert (await library.get(link)).status_code == 404
    await library.post(f"{here}/share", patron)
    assert (await library.get(link)).status_code == 404
    assert (await library.get("/reader/lists/None")).status_code == 404


async def test_works_that_leave_or_merge_leave_no_holes(library: Library) -> None:
    patron = await library.patron()
    gone, old, new = [await library.book(title) for title in ("剔旧", "旧本", "新本")]
    here = await _list(library, patron, gone, old, new)
    await library.heed(
        RecordSuppressed(instance_id=gone.id, title="剔旧", reason="剔除"),
        RecordSuppressed(instance_id=old.id, title="旧本", reason="合并", merged_into=new.id),
    )
    page = (await library.get(here, patron)).text
    assert page.count('class="hit"') == 2
    assert "此书已不在馆藏目录中" in page
    assert "剔旧" in page


async def test_a_merge_that_was_undone_gives_lists_numbers_and_notes_back(library: Library) -> None:
    """covers: RES-MGT-01"""
    patron = await library.patron()
    old, new, other = [await library.book(title) for title in ("旧本", "新本", "另一本")]
    here, lone = await _list(library, patron, old, new), await _list(library, patron, old, other, title="闲书")
    async with library.work() as work:
        await work.session.execute(text("UPDATE list_entry SET note = title || '好'"))
    told = RecordSuppressed(instance_id=old.id, title="旧本", reason="HB1", merged_into=new.id, merge="HB1")
    await library.heed(told, told)
    page = (await library.get(here, patron)).text
    assert page.count('class="hit"') == 1
    assert "新本好 旧本好" in page
    assert (await library.get(f"/reader/catalogue/{old.number}")).headers["location"] == f"/reader/catalogue/{new.number}"
    assert (await library.state(new))["total"] == 2
    back = RecordUnmerged(
        merge="HB1", instance_id=old.id, number=old.number, title="旧本", into=new.id, into_number=new.number, into_title="新本",
    )
    await library.heed(back, old.added, back, told)  # the merge is heard once more, too late
    assert (await library.get(f"/reader/catalogue/{old.number}")).status_code == 200
    assert (await library.get(here, patron)).text.count('class="hit"') == 2
    assert (await library.get(lone, patron)).text.count('class="hit"') == 2
    assert [(await library.state(book))["total"] for book in (old, new)] == [1, 1]


@pytest.mark.parametrize("title", ["", "   ", "长" * 81])
async def test_a_list_needs_a_name(library: Library, title: str) -> None:
    answer = await library.post("/reader/my/lists", await library.patron(), data={"title": title})
    assert answer.status_code == 422
    assert "请给书单取个名字" in answer.text


async def test_bad_addresses_are_not_found(library: Library) -> None:
    patron, book = await library.patron(), await library.book("活着")
    assert (await library.post(f"/reader/my/lists/add/{book.number}", patron, data={"into": "x"})).status_code == 404
    assert (await library.post("/reader/my/lists/add/none", patron, data={"title": "x"})).status_code == 404


async def test_two_pages_cannot_pass_the_limit_together(library: Library) -> None:
    patron = await library.patron()
    async with library.work(patron) as work:
        owner = await own_patron(work)
        for n in range(MOST_LISTS - 1):
            await commands.create(work, patron=owner, title=f"书单 {n}")
    answers = await asyncio.gather(*(
        library.post("/reader/my/lists", patron, data={"title": f"最后 {n}"}) for n in range(3)
    ))
    assert sorted(a.status_code for a in answers) == [303, 409, 409]


async def test_two_pages_put_a_work_on_a_list_once(library: Library) -> None:
    patron, book = await library.patron(), await library.book("活着")
    here = await _list(library, patron)
    into = {"into": here.rpartition("/")[2]}
    await asyncio.gather(*(library.post(f"/reader/my/lists/add/{book.number}", patron, data=into) for _ in range(4)))
    assert (await library.get(here, patron)).text.count('class="hit"') == 1


async def test_lists_are_english_in_english(library: Library) -> None:
    patron, book = await library.patron(), await library.book("活着")
    here = await _list(library, patron, book)
    await library.post(f"{here}/share", patron)
    library.client.cookies.clear()  # what the last step said was said in Chinese
    library.client.cookies.set("lang", "en")
    for path in ("/reader/my/lists", here):
        left = [w for w in han_in((await library.get(path, patron)).text) if w not in {"毕业论文", patron.name}]
        assert left == [], path
