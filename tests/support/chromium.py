"""Find a Chromium for the browser tests, or have Debian install one when we may."""

import os
import shutil
from pathlib import Path

from tests.support import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find() -> str | None:
    """Program of a Chromium: GUANWU_CHROMIUM, the system's, or one Playwright has fetched."""
    if given := os.environ.get("GUANWU_CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    fetched = Path.home() / ".cache/ms-playwright"
    return next(map(str, sorted(fetched.glob("chromium-*/chrome-linux*/chrome"))), None)


def install() -> str | None:
    """Ask Debian for one, when we may; None when it cannot be had."""
    return find() if debian.install(*PACKAGES) else None


if __name__ == "__main__":
    program = find() or install()
    print(program or "No Chromium here and none can be installed: the browser tests will be skipped.")
