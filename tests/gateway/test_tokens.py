"""The keys and tokens with which the gateway vouches for people."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from gateway.tokens.keys import LEAD, PERIOD, RETIRED_AFTER, Ring
from gateway.tokens.mint import Mint, OwnVerifier
from shared.identity import Actor, Verifier
from shared.refusals import NotSignedIn

ACTOR = Actor(id="S001", name="林晓雯", posts=("RDR-DSK",), rank="mid", dept="reader")


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    made = Ring(tmp_path / "keys")
    made.turn()
    return made


def _verifier(ring: Ring, audience: str) -> Verifier:
    return Verifier(f"file://{ring.folder / 'jwks.json'}", audience)


async def test_a_department_accepts_its_own_token_and_no_other(ring: Ring) -> None:
    token = Mint(ring).token(ACTOR, "reader", "sid")
    assert await _verifier(ring, "reader").verify(token) == ACTOR
    with pytest.raises(NotSignedIn):
        await _verifier(ring, "office").verify(token)


async def test_a_token_signed_by_a_stranger_or_changed_on_the_way_is_refused(ring: Ring, tmp_path: Path) -> None:
    stranger = Ring(tmp_path / "strange")
    stranger.turn()
    verifier = _verifier(ring, "reader")
    with pytest.raises(NotSignedIn):
        await verifier.verify(Mint(stranger).token(ACTOR, "reader"))
    head, claims, signature = Mint(ring).token(ACTOR, "reader").split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    said["posts"] = ["director"]
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    with pytest.raises(NotSignedIn):
        await verifier.verify(f"{head}.{forged}.{signature}")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    with pytest.raises(NotSignedIn):
        await verifier.verify(f"{none}.{forged}.")


def test_a_young_token_is_handed_out_again_and_an_older_one_is_not(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    mint = Mint(ring)
    now = 1_800_000_000.0
    ring.turn(now)
    monkeypatch.setattr("gateway.tokens.mint.time.time", lambda: now)
    first = mint.token(ACTOR, "reader")
    now += 39
    assert mint.token(ACTOR, "reader") == first
    now += 2
    assert mint.token(ACTOR, "reader") != first


def test_keys_are_readable_by_their_owner_only(ring: Ring) -> None:
    files = list(ring.folder.glob("[0-9]*.json"))
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert "d" not in json.dumps([sorted(key) for key in ring.published["keys"]]).replace("kid", "")


async def test_keys_turn_without_a_moment_in_which_a_fresh_token_is_not_accepted(tmp_path: Path) -> None:
    ring, now = Ring(tmp_path / "keys"), 1_800_000_000
    ring.turn(now)
    old, upcoming = ring.current(now), [key for key in ring.keys if key.active_from > now]
    # The next key is published long before it signs.
    assert upcoming[0].active_from >= now + LEAD
    assert upcoming[0].kid in {key["kid"] for key in ring.published["keys"]}
    now = upcoming[0].active_from
    ring.turn(now)
    assert ring.current(now).kid == upcoming[0].kid
    assert old.kid in {key["kid"] for key in ring.published["keys"]}
    assert len(ring.published["keys"]) == 3
    ring.turn(now + RETIRED_AFTER)
    assert old.kid not in {key["kid"] for key in ring.published["keys"]}
    assert ring.current(now + PERIOD + 1).active_from == now + PERIOD


def test_replicas_that_share_the_folder_agree_on_the_keys(tmp_path: Path) -> None:
    one, other = Ring(tmp_path / "keys"), Ring(tmp_path / "keys")
    now = 1_800_000_000
    one.turn(now)
    other.turn(now)
    assert one.current(now).kid == other.current(now).kid
    assert one.published == other.published


async def test_a_verifier_learns_a_new_key_when_it_meets_one(ring: Ring) -> None:
    verifier = OwnVerifier(ring)
    assert (await verifier.verify(Mint(ring).token(ACTOR, "gateway"))).id == "S001"
    later = Ring(ring.folder)
    later.turn(later_now := ring.keys[-1].active_from + 1)
    del later_now
    assert len(later.published["keys"]) == 3
