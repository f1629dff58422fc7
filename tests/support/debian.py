"""Programs of Debian that only tests need: installed when we may, else the tests that need them say why they skip."""

import os
import shutil
import subprocess


def install(*packages: str) -> bool:
    """Have apt install them, as root where there is an apt; whether they are there now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    return not any(
        subprocess.run(["apt-get", *words], check=False, **quiet).returncode  # type: ignore[call-overload]
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages])
    )


if __name__ == "__main__":  # other libraries' programs: the Z39.50 and SRU client and the test server of YAZ
    there = shutil.which("yaz-client") or (install("yaz") and shutil.which("yaz-client"))
    print(there or "No YAZ here and none can be installed: the tests with its client and server will be skipped.")
