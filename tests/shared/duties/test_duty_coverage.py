"""The coverage page must tell the truth, above all about what is missing."""

from __future__ import annotations

import pytest

from shared.duties import DUTIES, POSTS
from shared.duties.docs import coverage, render

DONE = "RDR-DSK-BAS-05"
SCREENS = {DONE: ["/reader/desk/condition"], "OFF-ADM-05": ["/office/papers/supplies"]}
EVENTS = {DONE: ["reader.item.repaired", "reader.item.reinspected", "reader.item.repaired"]}
TESTS = {DONE: ["test_a_repaired_book_goes_back[grade|1]"]}


def test_every_duty_has_one_row_and_says_what_it_lacks() -> None:
    rows = {row.duty.id: row for row in coverage(SCREENS, EVENTS, TESTS)}
    assert list(rows) == list(DUTIES)
    assert rows[DONE].missing == ()
    assert rows[DONE].events == ("reader.item.reinspected", "reader.item.repaired")
    assert rows["OFF-ADM-05"].missing == ("evidence", "test")
    assert rows["OFF-ADM-01"].missing == ("screen", "evidence", "test")


def test_an_id_outside_the_catalogue_is_named_instead_of_ignored() -> None:
    with pytest.raises(ValueError, match="RDR-DSK-BAS-99"):
        coverage({}, {"RDR-DSK-BAS-99": ["reader.item.repaired"]}, {})


def test_the_page_counts_what_is_covered_and_lists_what_is_not() -> None:
    page = render(coverage(SCREENS, EVENTS, TESTS))
    assert "| all | 246 | 2 | 1 | 1 | 1 |" in page
    assert "## Not covered: 245 of 246" in page
    assert f"| OFF-ADM-05 | {DUTIES['OFF-ADM-05'].title_zh}" in page.split("## 办公室")[0]
    assert DONE not in page.split("## 办公室")[0]


def test_the_page_has_a_section_for_each_post_and_a_line_for_each_duty() -> None:
    body = render(coverage(SCREENS, EVENTS, TESTS)).split("## 办公室", 1)[1]
    for code, post in POSTS.items():
        assert f"### {code} {post.zh} {post.en}\n" in body
    assert all(body.count(f"\n| {id} | ") == 1 for id in DUTIES)


def test_a_line_shows_cadence_screen_events_and_tests_without_breaking_the_table() -> None:
    page = render(coverage(SCREENS, EVENTS, TESTS))
    line = next(one for one in reversed(page.splitlines()) if one.startswith(f"| {DONE} |"))
    assert "`/reader/desk/condition` | `reader.item.reinspected`<br>`reader.item.repaired`" in line
    assert "`test_a_repaired_book_goes_back[grade\\|1]` |" in line
    patrol = next(one for one in page.splitlines() if "| TEC-EQP-04 |" in one and "≥" in one)
    assert "daily, ≥ 120 min, fixed times" in patrol


def test_a_library_with_nothing_missing_says_so() -> None:
    everything = {id: ["x"] for id in DUTIES}
    page = render(coverage(everything, everything, everything))
    assert "Every duty is covered." in page
    assert "| all | 246 | 246 | 246 | 246 | 246 |" in page
