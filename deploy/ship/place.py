"""One installation: its settings file, its folder of secrets, and how compose is called for it."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import is_free

DEPLOY = Path(__file__).resolve().parents[1]
ROOT = DEPLOY.parent
EXAMPLE = DEPLOY / "env.example"
PORTS = (("HTTPS_PORT", "LISTEN"), ("HTTP_PORT", "LISTEN"), ("SIP2_PORT", "SIP2_LISTEN"))
_LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")


class Refused(Exception):
    """Why it cannot be done, in a sentence for the person at the terminal."""


@dataclass
class Place:
    """A settings file and what follows from it."""

    env: Path
    say: Callable[[str], None] = print

    def begin(self, wanted: Mapping[str, str]) -> None:
        """Write the settings file if there is none yet; what was asked for on the command line is kept in it."""
        if not self.env.exists():
            self.env.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(EXAMPLE, self.env)
            self.say(f"wrote {self.env}: the settings of this installation")
        made = _address(self.settings)
        for name, value in wanted.items():
            self.set(name, value)
        # An address nobody wrote by hand follows the site and the port.
        if self.settings["PUBLIC_URL"] in {"", made}:
            self.set("PUBLIC_URL", _address(self.settings))
        self.check()

    @property
    def settings(self) -> dict[str, str]:
        """What the file says; names it does not mention have the value of the example."""
        found: dict[str, str] = {}
        for path in (EXAMPLE, self.env):
            if not path.exists():
                raise Refused(f"{path} is missing; make up writes it")
            lines = (_LINE.match(line) for line in path.read_text(encoding="utf-8").splitlines())
            found |= {line[1]: line[2].strip() for line in lines if line}
        return found

    def set(self, name: str, value: str) -> None:
        """Change one line of the file, or add it."""
        if "\n" in value or not _LINE.match(f"{name}={value}"):
            raise Refused(f"{name}={value!r} cannot stand in {self.env}")
        text = self.env.read_text(encoding="utf-8")
        line = f"{name}={value}"
        changed, count = re.subn(rf"^{name}=.*$", lambda _: line, text, flags=re.MULTILINE)
        draft = self.env.with_name(f".{self.env.name}.{os.getpid()}")
        draft.write_text(changed if count else f"{text.rstrip()}\n{line}\n", encoding="utf-8")
        draft.replace(self.env)

    def check(self) -> None:
        """Everything that is wrong with the settings, at once."""
        told, wrong = self.settings, []
        for name, _listen in PORTS:
            if not (told[name].isdecimal() and 0 < int(told[name]) < 65536):
                wrong.append(f"{name} must be a port number, not {told[name]!r}")
        if told["TLS"] not in {"own", "files", "acme"}:
            wrong.append(f"TLS must be own, files or acme, not {told['TLS']!r}")
        if told["TLS"] == "files":
            wrong += [f"TLS=files needs {path}" for path in (self.state / "tls/cert.pem", self.state / "tls/key.pem") if not path.exists()]
        if "/" in told["SITE"] or ":" in told["SITE"] or not told["SITE"]:
            wrong.append(f"SITE is a name such as library.example.edu.cn, not {told['SITE']!r}")
        elif told["PUBLIC_URL"] and not re.match(rf"https://{re.escape(told['SITE'])}(:\d+)?$", told["PUBLIC_URL"]):
            wrong.append(f"PUBLIC_URL {told['PUBLIC_URL']} does not lead to SITE {told['SITE']}; leave it empty to have it made")
        if told["DEMO"] not in {"0", "1"}:
            wrong.append(f"DEMO must be 0 or 1, not {told['DEMO']!r}")
        wrong += [f"COMPOSE_FILE names {path}, which is not there" for path in self.files if not path.exists()]
        if wrong:
            raise Refused("\n".join([f"{self.env} cannot be used:", *(f"  {line}" for line in wrong)]))

    def check_ports(self) -> None:
        """Every port that another program has taken."""
        told = self.settings
        taken = [
            f"{name} {told[name]} on {told[listen]}"
            for name, listen in PORTS if not is_free(int(told[name]), told[listen])
        ]
        if taken:
            raise Refused(f"Another program has taken {', '.join(taken)}: choose others in {self.env}")

    @property
    def project(self) -> str:
        """What compose calls the installation."""
        return self.settings["COMPOSE_PROJECT_NAME"]

    @property
    def state(self) -> Path:
        """Folder of secrets, rights and certificates."""
        return (DEPLOY / self.settings["STATE"]).resolve()

    @property
    def files(self) -> list[Path]:
        """Compose files in their order."""
        return [DEPLOY / name for name in self.settings["COMPOSE_FILE"].split(":")]

    @property
    def has_sources(self) -> bool:
        """Whether images can be built here; an offline bundle brings them ready."""
        return (ROOT / "shared").is_dir() and (ROOT / "services").is_dir()

    def command(self, *words: str) -> list[str]:
        """How compose is called for this installation."""
        names = [part for path in self.files for part in ("-f", str(path))]
        return ["docker", "compose", "-p", self.project, "--env-file", str(self.env), *names, "--progress", "quiet", *words]

    def environment(self, **changes: str) -> dict[str, str]:
        """What compose is told beside the file, which alone counts.

        A stray variable of the shell would start another suite than the one `make up-status` looks at.
        """
        names = self.settings
        return {name: value for name, value in os.environ.items() if name not in names} | changes

    def compose(self, *words: str, captured: bool = False, **changes: str) -> str:
        """Run compose for this installation; `changes` stand in for settings, for this call alone."""
        pipe = subprocess.PIPE if captured else None
        try:
            done = subprocess.run(
                self.command(*words), cwd=DEPLOY, env=self.environment(**changes), stdin=subprocess.DEVNULL,
                stdout=pipe, stderr=pipe, text=True, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise Refused("The docker command is missing: install Docker Engine with its compose plugin.") from None
        if done.returncode:
            raise Refused(f"docker compose {' '.join(words)} failed{': ' + done.stderr.strip() if captured else '; see above'}")
        return done.stdout or ""


def _address(told: Mapping[str, str]) -> str:
    """What people type."""
    port = "" if told["HTTPS_PORT"] == "443" else f":{told['HTTPS_PORT']}"
    return f"https://{told['SITE']}{port}"
