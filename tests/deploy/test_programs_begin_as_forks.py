"""Programs forked from a process that has read the kit are programs like any other: own log, environment, session and end."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.forks import USABLE, Fork
from deploy.local.processes import birth, wait_until

pytestmark = [pytest.mark.service, pytest.mark.skipif(not USABLE, reason="programs are forked on Linux only")]


def begin(tmp_path: Path, word: str) -> Fork:
    return Fork(
        "stand-in", [sys.executable, "-m", "tests.deploy.forked_stand_in", word],
        env={"GUANWU_WORD": word}, cwd=tmp_path, log=tmp_path / "log",
    )  # fmt: skip


def test_it_has_its_own_environment_session_folder_and_exit_code(tmp_path, monkeypatch):
    monkeypatch.setenv("GUANWU_LEFT_OVER", "of another suite")
    one = begin(tmp_path, "go")
    assert one.wait(20) == 7 == one.poll()
    assert (tmp_path / "log").read_text() == f"go None True {tmp_path} ['go']\n"
    one.send_signal(signal.SIGTERM)  # to nobody, and to no other process that has the number by now


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it_and_is_told(tmp_path, number):
    one = begin(tmp_path, "stay")
    assert wait_until(lambda: (tmp_path / "log").exists() and "stay" in (tmp_path / "log").read_text(), within=20)
    with pytest.raises(subprocess.TimeoutExpired):
        one.wait(0.01)
    assert birth(one.pid)
    assert one.poll() is None
    one.send_signal(number)
    assert one.wait(20) == -number
    assert birth(one.pid) is None
