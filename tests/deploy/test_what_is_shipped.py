"""The files a server is given agree with each other and with the code, and wrong settings are told all at once."""

import json
import re
import stat
from pathlib import Path

import pytest
import yaml

from deploy.rights import PROVISION, SERVICES
from deploy.ship import state
from deploy.ship.bundle import PARTS, SOURCES, _by_kind
from deploy.ship.place import DEPLOY, EXAMPLE, ROOT, Place, Refused
from shared import metrics
from shared.messaging.metrics import figures
from shared.settings import Settings, told

COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "env", lambda _: None)


def test_the_first_start_writes_settings_that_can_be_used(place: Place) -> None:
    place.begin({"SITE": "library.example.edu.cn", "HTTPS_PORT": "443", "LIBRARY_NAME": "镇江馆"})
    assert place.settings["PUBLIC_URL"] == "https://library.example.edu.cn"
    again = Place(place.env, lambda _: None)
    again.begin({"DEMO": "1", "HTTPS_PORT": "8443"})
    assert (again.settings["LIBRARY_NAME"], again.settings["DEMO"]) == ("镇江馆", "1")
    assert again.settings["PUBLIC_URL"] == "https://library.example.edu.cn:8443"
    assert "# Name in the browser's address line" in place.env.read_text()


def test_everything_that_is_wrong_is_said_at_once(place: Place) -> None:
    with pytest.raises(Refused) as refused:
        place.begin({"SITE": "https://a/b", "HTTPS_PORT": "many", "TLS": "none", "DEMO": "yes", "COMPOSE_FILE": "other.yaml"})
    for word in ("SITE", "HTTPS_PORT", "TLS", "DEMO", "other.yaml"):
        assert word in str(refused.value)


def test_a_campus_certificate_must_be_there_and_the_address_must_lead_to_the_site(place: Place) -> None:
    with pytest.raises(Refused, match=r"TLS=files needs .*cert\.pem"):
        place.begin({"TLS": "files", "STATE": str(place.env.parent)})
    place.set("TLS", "own")
    with pytest.raises(Refused, match="does not lead to SITE"):
        place.begin({"PUBLIC_URL": "https://elsewhere.example"})


def test_secrets_are_made_once_in_a_closed_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert state.prepare(folder)
    kept = {path: path.read_text() for path in (folder / "secrets").iterdir()}
    assert not state.prepare(folder)
    assert {path: path.read_text() for path in kept} == kept
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
    # Containers read them under user ids of their own.
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o444}
    users = json.loads((folder / "nats/users.conf").read_text())["accounts"]["GUANWU"]["users"]
    assert len(users) == len(SERVICES) + 1
    assert len({user["nkey"] for user in users}) == len(users)
    assert not [text for text in kept.values() if text.strip() and text.strip() in (folder / "nats/users.conf").read_text()]


def test_every_secret_that_compose_names_is_made(tmp_path: Path) -> None:
    state.prepare(tmp_path)
    named = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["secrets"]
    files = {one["file"].rpartition("/")[2] for one in named.values()}
    assert files <= {path.name for path in (tmp_path / "secrets").iterdir()}
    assert {f"{name}.nk" for name in (*SERVICES, PROVISION)} <= files


def test_every_setting_that_compose_reads_is_explained() -> None:
    read = set(re.findall(r"\$\{([A-Z0-9_]+)", "".join(path.read_text() for path in COMPOSE)))
    explained = set(re.findall(r"^([A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    # Other registries and a bus elsewhere are for those who know why; docs/deploying.md names them.
    page = (ROOT / "docs/deploying.md").read_text()
    assert {name for name in read - explained if f"`{name}`" not in page} == set()
    assert {name for name in explained if f"`{name}`" not in page} == set()


def test_every_process_is_told_settings_that_exist() -> None:
    told_names = set(re.findall(r"GUANWU_([A-Z_]+?)(?:_FILE)?:", (DEPLOY / "compose.yaml").read_text()))
    assert {name.lower() for name in told_names} <= set(Settings.model_fields)


def test_a_secret_comes_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seed").write_text("from a file\n")
    monkeypatch.setenv("GUANWU_NATS_SEED", "from the environment")
    assert told("nats_seed") == "from the environment"
    monkeypatch.setenv("GUANWU_NATS_SEED_FILE", str(tmp_path / "seed"))
    assert told("nats_seed") == "from a file"


def test_who_watches_asks_for_figures_that_exist() -> None:
    figures()
    known = {family.name for family in metrics.REGISTRY.collect()} | {f"{family.name}_total" for family in metrics.REGISTRY.collect()}
    asked = set(re.findall(r"guanwu_[a-z_]+", "".join(path.read_text() for path in (DEPLOY / "watch").glob("[rd]*"))))
    assert {name for name in asked if name.removesuffix("_bucket").removesuffix("_count") not in known} == set()
    assert len(asked) > 8


def test_everything_that_goes_into_the_bundle_is_there() -> None:
    assert [part for part in PARTS if not (ROOT / part).exists()] == []


def test_the_bundle_fetches_every_locked_package_as_what_it_is_published_as() -> None:
    lock = (ROOT / "requirements-ship.lock").read_text()
    ready, sources = _by_kind(lock)
    names = [set(re.findall(r"^([a-z0-9\-]+)==", text, re.MULTILINE)) for text in (lock, ready, sources)]
    assert names[1] | names[2] == names[0]
    assert names[2] == set(SOURCES)
    assert sorted(ready + sources) == sorted(lock)
