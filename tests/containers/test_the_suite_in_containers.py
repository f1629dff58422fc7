"""The main job through the TLS front, and what each container may not do.

covers: RDR-DSK-BAS-02 RDR-DSK-BAS-05
"""

import socket
import stat
import subprocess

import httpx
import pytest

from deploy.rights import SERVICES
from deploy.ship import running
from tests.containers.shipped import PYTHON_TELLS, Shipped
from tests.flows.conftest import Story
from tests.support.debian import partners

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]


async def test_a_damaged_book_reaches_the_workshop_through_the_front(story: Story) -> None:
    barcode, _instance = await story.a_book("容器里的书")
    card = await story.a_patron()
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=card, barcode=barcode)
    back = await story.post("rdr-dsk", "/api/reader/returns", barcode=barcode, condition="spine:medium")
    job = await story.repair_of(back["slip"]["slip"])
    await story.post("res-dig", f"/api/resources/repairs/{job['no']}/start", note="书脊脱胶")
    await story.post("res-dig", f"/api/resources/repairs/{job['no']}/finish", note="重新上胶压平")
    inspection = await story.inspection_of(back["slip"]["slip"])
    await story.post("rdr-dsk2", f"/api/reader/inspections/{inspection['id']}/pass", note="牢固")


def test_browsers_come_in_by_tls_only_and_keep_a_cookie_that_stays_there(shipped: Shipped) -> None:
    told = shipped.place.settings
    sent_on = httpx.get(f"http://{told['SITE']}:{told['HTTP_PORT']}/login?next=/")
    assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"{shipped.base_url}/login?next=/")
    with httpx.Client(base_url=shipped.base_url, verify=shipped.trust, follow_redirects=True) as browser:
        assert browser.get("/metrics").status_code == 404
        page = browser.post("/login", data={"username": "rdr-dsk", "password": shipped.password})
        assert page.status_code == 200, page.text
        assert "__Host-guanwu" in browser.cookies
        sheet = next(part for part in page.text.split('"') if part.startswith("/static/ui.") and part.endswith(".css"))
        assert browser.get(sheet).status_code == 200


def test_every_container_is_shut_in(shipped: Shipped) -> None:
    loose = {}
    for one in shipped.engine.containers():
        host, config = one.attrs["HostConfig"], one.attrs["Config"]
        loose[one.name] = [
            what for what, right in {
                "root": config["User"].partition(":")[0] not in {"", "0", "root"},
                "writable": host["ReadonlyRootfs"],
                "capabilities": host["CapDrop"] == ["ALL"] and set(host["CapAdd"] or ()) <= {"NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE"},
                "new privileges": "no-new-privileges:true" in host["SecurityOpt"],
                "unlimited": host["Memory"] and host["NanoCpus"] and host["PidsLimit"],
                "unchecked": one.attrs["State"]["Health"]["Status"] == "healthy",
            }.items() if not right
        ]  # fmt: skip
    assert len(loose) == 11
    assert {name: faults for name, faults in loose.items() if faults} == {}


def test_secrets_lie_in_closed_folders_and_in_no_environment(shipped: Shipped) -> None:
    folder = shipped.place.state
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
    kept = {path.name: path.read_text().strip() for path in (folder / "secrets").iterdir()}
    assert len(kept) > 20
    for one in shipped.engine.containers():
        told = "\n".join([*one.attrs["Config"]["Env"], *one.attrs["Config"]["Cmd"]])
        assert not [name for name, secret in kept.items() if secret and secret in told], one.name


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_the_kit_and_its_own_part(shipped: Shipped, service: str) -> None:
    found = shipped.inside(service, "sh", "-c", "cd /app && ls -d * services/*/ 2>/dev/null")[1].split()
    wanted = ["dist", "gateway", "shared"] if service == "gateway" else ["dist", "services", f"services/{service}/", "shared"]
    assert sorted(name for name in found if "__pycache__" not in name) == wanted
    code, said = shipped.inside(service, "sh", "-c", "ls /app/shared/testing; touch /app/mine; touch /data/tmp/mine && rm /data/tmp/mine")
    assert code == 0
    assert "Read-only file system" in said
    assert "shared/testing" in said


def test_only_the_doors_can_be_reached(shipped: Shipped) -> None:
    open_to = {
        one.labels["com.docker.compose.service"]: {bind["HostIp"] for binds in (one.ports or {}).values() for bind in binds or ()}
        for one in shipped.engine.containers()
    }
    assert {name: where for name, where in open_to.items() if where} == {name: {"127.0.0.1"} for name in ("caddy", "selfcheck", "z3950")}
    with socket.create_connection(("127.0.0.1", int(shipped.place.settings["SIP2_PORT"])), timeout=5) as machine:
        machine.sendall(b"9300CNkiosk|CO" + shipped.password.encode() + b"|CPLOBBY|\r")
        assert machine.recv(3) == b"941"
    project = shipped.place.project
    assert shipped.engine.client.networks.get(f"{project}_inside").attrs["Internal"]
    goes_out = {
        one.labels["com.docker.compose.service"] for one in shipped.engine.containers()
        if set(one.attrs["NetworkSettings"]["Networks"]) != {f"{project}_inside"}
    }
    assert goes_out == {"caddy", "selfcheck", "z3950", "gateway", "reader", "resources"}


@pytest.mark.skipif(not partners(), reason="needs YAZ (make partners)")
def test_a_z3950_client_finds_the_catalogue_behind_its_door(shipped: Shipped) -> None:
    ((number, title),) = shipped.ask("resources", "select number, title from instance where dialect = 'cnmarc' and state = 'released' order by number limit 1")
    asked = [f"open tcp:127.0.0.1:{shipped.place.settings['Z3950_PORT']}", "format unimarc", f"find @attr 1=12 {number}", "show 1", "quit", ""]
    said = subprocess.run(["yaz-client"], input="\n".join(asked), capture_output=True, text=True, check=True, timeout=60).stdout
    assert "Number of hits: 1" in said, said
    assert title in said


SPEAKS_FOR_ANOTHER = """
import asyncio, os, nats
async def main():
    heard = []
    async def note(error): heard.append(str(error))
    seed = open('/run/secrets/nats_seed').read().strip()
    bus = await nats.connect(os.environ['GUANWU_NATS_URL'], nkeys_seed_str=seed, inbox_prefix='_INBOX.office', error_cb=note)
    for subject in ('guanwu.reader.item.lent.v1', '$JS.API.STREAM.DELETE.READER', '$JS.API.STREAM.PURGE.OFFICE'):
        await bus.publish(subject, b'{}')
    await bus.flush()
    await asyncio.sleep(0.2)
    print('\\n'.join(heard))
    await bus.close()
asyncio.run(main())
"""


def test_the_bus_itself_refuses_who_speaks_for_another(shipped: Shipped) -> None:
    before = shipped.ask("reader", "select count(*) from outbox")
    code, said = shipped.inside("office", *PYTHON_TELLS, SPEAKS_FOR_ANOTHER)
    assert code == 0, said
    refused = [line.lower() for line in said.splitlines() if "permissions violation" in line.lower()]
    assert len(refused) == 3, said
    assert "guanwu.reader.item.lent.v1" in refused[0]
    assert shipped.ask("reader", "select count(*) from outbox") == before


ENTERS_ANOTHERS = """
import psycopg
own = open('/run/secrets/database_url').read().strip()
for database in ('reader', 'postgres', 'template1'):
    try:
        psycopg.connect(own.rsplit('/', 1)[0] + '/' + database)
        print('came into', database)
    except psycopg.OperationalError as reason:
        print(reason)
with psycopg.connect(own, autocommit=True) as link:
    for statement in ('create table mine (a int)', 'drop table outbox', 'truncate ledger'):
        try:
            link.execute(statement)
            print('could', statement)
        except psycopg.errors.InsufficientPrivilege as reason:
            print(reason)
"""


def test_a_service_enters_its_own_database_only_and_changes_no_table_there(shipped: Shipped) -> None:
    code, said = shipped.inside("office", *PYTHON_TELLS, ENTERS_ANOTHERS)
    assert code == 0, said
    assert said.count("permission denied for database") == 3
    assert "came into" not in said
    assert "could " not in said
    assert not shipped.inside("office", "sh", "-c", "ls /run/secrets")[1].count("owner")


def test_looking_says_that_all_is_well(shipped: Shipped, capsys: pytest.CaptureFixture[str]) -> None:
    assert running.look(shipped.place) == 0
    assert capsys.readouterr().out.count("healthy") == 11
