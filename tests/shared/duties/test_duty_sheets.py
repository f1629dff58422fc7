"""A sheet shows a person what is theirs; credit goes to nobody else."""

from __future__ import annotations

from shared.duties import DUTIES, Holding, credits, sheet


def ids(*holdings: Holding) -> list[str]:
    return [one.id for one in sheet(holdings)]


def test_a_junior_holder_gets_the_base_duties_of_the_post_only() -> None:
    expected = [f"RDR-DSK-BAS-0{n}" for n in range(1, 10)]
    assert ids(Holding("RDR-DSK", rank="junior")) == expected
    assert ids(Holding("RDR-DSK")) == expected


def test_a_senior_holder_gets_base_then_sub_post_then_senior_duties() -> None:
    groups = [DUTIES[id].group for id in ids(Holding("RDR-LED", "CAF", "senior"))]
    assert groups == ["BAS"] * 7 + ["CAF"] * 4 + ["SNR"] * 5


def test_mid_level_duties_are_not_added_to_those_of_a_senior() -> None:
    senior = ids(Holding("RDR-DSK", rank="senior"))
    mid = ids(Holding("RDR-DSK", rank="mid"))
    assert not any("-MID-" in id for id in senior)
    assert not any("-SNR-" in id for id in mid)
    assert "RDR-DSK-MID-02" in mid


def test_other_rooms_of_the_same_post_stay_off_the_sheet() -> None:
    found = ids(Holding("RDR-CIR", "ANC"))
    assert "RDR-CIR-ANC-02" in found
    assert not any(DUTIES[id].subpost not in (None, "ANC") for id in found)


def test_posts_held_together_add_up_and_no_duty_stands_twice() -> None:
    both = ids(Holding("RDR-CIR", "NWS"), Holding("RDR-CIR", "ACJ"), Holding("OFF-SEC"))
    assert len(both) == len(set(both)) == 9 + 4 + 4 + 5
    assert both[-5:] == [f"OFF-SEC-0{n}" for n in range(1, 6)]


def test_the_duty_of_an_exclusive_sub_post_shows_only_for_the_one_who_holds_it() -> None:
    assert "INS-TCH-MID-03" not in ids(Holding("INS-TCH", rank="mid"))
    manager = ids(Holding("INS-TCH", "UTM", "mid"))
    assert "INS-TCH-MID-03" in manager
    assert "INS-TCH-MID-04" not in manager


def test_nobody_without_a_post_has_a_sheet() -> None:
    assert sheet([]) == ()


def test_every_duty_stands_on_the_sheet_of_somebody() -> None:
    holdings = [Holding(d.post, d.subpost, d.rank) for d in DUTIES.values()]
    assert set(ids(*holdings)) == set(DUTIES)


def test_work_counts_for_the_duties_of_a_post_that_is_held() -> None:
    evidence = ("RDR-DSK-BAS-05", "RDR-LED-FRD-05", "RDR-STK-CST-02")
    assert credits(evidence, ["RDR-DSK"], "junior") == ("RDR-DSK-BAS-05",)
    assert credits(evidence, ["RDR-STK", "RDR-DSK"], None) == ("RDR-DSK-BAS-05", "RDR-STK-CST-02")
    assert credits(evidence, [], "senior") == ()


def test_a_duty_of_rank_counts_only_for_that_rank() -> None:
    evidence = ("RDR-DSK-SNR-03", "RDR-DSK-MID-02", "RDR-DSK-BAS-03")
    assert credits(evidence, ["RDR-DSK"], "senior") == ("RDR-DSK-SNR-03", "RDR-DSK-BAS-03")
    assert credits(evidence, ["RDR-DSK"], "mid") == ("RDR-DSK-MID-02", "RDR-DSK-BAS-03")
    assert credits(evidence, ["RDR-DSK"], "") == ("RDR-DSK-BAS-03",)


def test_unknown_and_repeated_duties_in_an_event_give_no_extra_credit() -> None:
    evidence = ("OFF-SEC-01", "OFF-SEC-01", "OFF-SEC-99")
    assert credits(evidence, ["OFF-SEC"], None) == ("OFF-SEC-01",)
