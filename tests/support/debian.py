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


PARTNERS = ("yaz", "libnet-z3950-simpleserver-perl", "libxml-libxml-perl")


def partners() -> bool:
    """Whether other libraries' programs are here: the Z39.50 and SRU client and test server of YAZ, and SimpleServer for our door."""
    perl = ["perl", "-MNet::Z3950::SimpleServer", "-MXML::LibXML", "-e", "1"]
    return bool(shutil.which("yaz-client") and shutil.which("perl")) and not subprocess.run(perl, check=False, capture_output=True).returncode


if __name__ == "__main__":
    there = partners() or (install(*PARTNERS) and partners())
    print("YAZ and SimpleServer are here." if there else "No YAZ or SimpleServer here, and none can be installed: the tests with them will be skipped.")
