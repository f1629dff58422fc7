import pytest

from shared.search import fold, initials, lexemes, query, vector


def test_traditional_wide_and_accented_forms_fold_together() -> None:
    assert fold("三國演義") == "三国演义"
    assert fold("ＡＢＣ１２３") == "abc123"
    assert fold("Gödel") == "godel"


def test_initials_of_a_title_find_it_from_any_character() -> None:
    assert initials("红楼梦") == "hlm"
    found = lexemes("红楼梦研究", pinyin=True)
    assert {"pyhlmyj", "pylmyj", "pyyj"} <= found


def test_han_text_is_cut_into_overlapping_pairs() -> None:
    assert {"算法", "法导", "导论"} <= lexemes("算法导论")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("算法导论", "'算法' & '法导' & '导论'"),
        ("hlm", "('hlm':* | 'pyhlm':*)"),
        ("9787302", "'9787302':*"),
        ("  ", ""),
        ("o'reilly", "'o':* & ('reilly':* | 'pyreilly':*)"),
    ],
)
def test_what_is_typed_becomes_a_query(typed: str, asked: str) -> None:
    assert query(typed) == asked


def test_the_heavier_weight_wins_and_quotes_are_escaped() -> None:
    assert vector([("cat", "C", False), ("cat", "A", False)]) == "'cat':1A"
    assert "\\" not in query("a\\b'c")
