"""The catalogue is data people read every day, so its shape and its words are held to account."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.duties import DEPARTMENTS, DUTIES, POSTS, Cadence, duty, name, title
from shared.duties.catalogue import CATALOGUE, PEOPLE
from shared.i18n import speaking

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT.parent / "shared" / "duties.yaml"
SERVICES = {"office", "resources", "tech", "reader", "institute"}
KINDS = {"daily", "weekly", "monthly", "term", "yearly", "event"}
RANK_OF_GROUP = {"SNR": "senior", "MID": "mid"}


def test_it_holds_five_departments_23_posts_and_246_duties_of_which_9_are_tails() -> None:
    assert len(DEPARTMENTS) == 5
    assert len(POSTS) == 23
    assert len(DUTIES) == 246
    assert sum(one.tail for one in DUTIES.values()) == 9


def test_no_id_stands_twice_and_every_object_has_its_own_line() -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    ids = re.findall(r'^  \{"id": "([^"]+)"', text, re.MULTILINE)
    assert len(ids) == len(set(ids)) == len(DUTIES) == text.count('"id"')
    people = PEOPLE.read_text(encoding="utf-8")
    codes = re.findall(r'^    \{"code": "([^"]+)"', people, re.MULTILINE)
    assert len(codes) == len(set(codes)) == len(POSTS) + len(DEPARTMENTS)


def test_a_duty_agrees_with_its_post_its_department_and_its_group() -> None:
    for id, one in DUTIES.items():
        post = POSTS[one.post]
        assert id == one.id
        assert id.startswith(post.code + "-")
        assert one.department == post.department
        assert post.code.startswith(DEPARTMENTS[one.department].code + "-")
        assert one.rank == RANK_OF_GROUP.get(one.group or ""), id
        assert one.subpost is None or post.subpost(one.subpost)


def test_a_duty_is_served_by_one_of_five_services_and_falls_due_in_a_known_way() -> None:
    for id, one in DUTIES.items():
        assert one.service in SERVICES, id
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.capability), id
        for cadence in one.cadence:
            assert cadence.kind in KINDS, id
            assert (cadence.on is not None) == (cadence.kind == "event"), id


def test_a_title_is_short_in_both_languages() -> None:
    for id, one in DUTIES.items():
        assert 4 <= len(re.findall(r"[\u4e00-\u9fff]", one.title_zh)) <= 20, id
        assert one.title_zh == one.title_zh.strip(" 。；，、"), id
        assert 1 <= len(one.title_en.split()) <= 8, id
        assert one.title_en == one.title_en.strip(" .;,"), id
        assert one.title_en.isascii(), id


def test_no_two_duties_of_a_post_share_a_title() -> None:
    for words in ("title_zh", "title_en"):
        shown = Counter((one.post, getattr(one, words)) for one in DUTIES.values())
        assert [pair for pair, times in shown.items() if times > 1] == []


def test_every_sub_post_has_duties_and_only_the_two_institute_managers_are_exclusive() -> None:
    with_duties = {(one.post, one.subpost) for one in DUTIES.values() if one.subpost}
    declared = {(post.code, sub.code) for post in POSTS.values() for sub in post.subposts}
    assert with_duties == declared
    exclusive = {(p.code, s.code) for p in POSTS.values() for s in p.subposts if s.exclusive}
    assert exclusive == {("INS-TCH", "UTM"), ("INS-TCH", "GAM")}


def test_the_patrols_are_due_two_hours_a_day_and_those_of_equipment_at_fixed_times() -> None:
    assert duty("TEC-LOG-03").cadence == (Cadence("daily", minutes=120),)
    assert duty("TEC-EQP-04").cadence == (Cadence("daily", minutes=120, fixed=True),)


def test_fund_use_is_reported_by_month_and_by_term() -> None:
    assert [one.kind for one in duty("OFF-FIN-02").cadence] == ["monthly", "term"]


def test_titles_and_names_follow_the_language_of_the_request() -> None:
    one, post = duty("RDR-DSK-BAS-05"), POSTS["RDR-DSK"]
    assert title(one, "zh") == one.title_zh
    assert title(one, "en") == one.title_en
    with speaking("en"):
        assert title(one) == one.title_en
        assert name(post) == "Main Service Desk"
        assert name(post, "zh") == "总台岗"


def test_a_duty_that_does_not_exist_is_an_error_and_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(KeyError):
        duty("RDR-DSK-BAS-99")
    with pytest.raises(KeyError):
        POSTS["RDR-LED"].subpost("NWS")
    with pytest.raises(TypeError):
        DUTIES["RDR-DSK-BAS-99"] = duty("RDR-DSK-BAS-05")  # type: ignore[index]


def test_importing_the_package_reads_no_file_until_the_catalogue_is_asked_for() -> None:
    script = (
        "import shared.duties as d; from shared.duties import catalogue as c;"
        "assert c.duties.cache_info().currsize == 0;"
        "assert d.DUTIES is d.DUTIES and c.duties.cache_info().misses == 1"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)


# --- against the source document, where it is at hand ---


@pytest.fixture(scope="module")
def source() -> dict[str, dict[str, Any]]:
    if not SOURCE.exists():
        pytest.skip("the source of the duties is not beside the project")
    yaml = pytest.importorskip("yaml")
    document = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return {
        row["id"]: {**row, "post": post["code"], "department": department["service"]}
        for department in document["departments"]
        for post in department["posts"]
        for row in post["duties"]
    }


def test_ids_posts_and_owners_agree_with_the_source(source: dict[str, dict[str, Any]]) -> None:
    assert set(DUTIES) == set(source)
    for id, one in DUTIES.items():
        row = source[id]
        assert (one.post, one.department) == (row["post"], row["department"])
        assert (one.service, one.capability) == (row["service"], row["capability"])
        assert one.group == row.get("group")
        assert bool(one.cadence) == ("cadence" in row), id
        assert one.tail == (row["mark"] == "(tail)")


def test_titles_are_our_own_words(source: dict[str, dict[str, Any]]) -> None:
    for id, one in DUTIES.items():
        clause = source[id]["text"]
        assert one.title_zh not in clause, id
        for start in range(max(0, len(one.title_zh) - 11)):
            assert one.title_zh[start : start + 12] not in clause, id
