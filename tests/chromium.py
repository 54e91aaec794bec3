"""Finding a Chromium for the browser tests, or getting one where that is allowed."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = (
    "No Chromium for the browser tests: install one (Debian: apt-get install chromium), "
    "or name one in ZEROTRIP_CHROMIUM, or run `.venv/bin/playwright install --with-deps chromium`."
)


class NoChromium(Exception):
    """None found, none could be had; the message says how to get one."""


def _playwrights_own() -> str | None:
    """The browser Playwright has downloaded earlier, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.access(path, os.X_OK) else None


def find() -> str | None:
    """A Chromium on this machine: the named one, one on the path, Playwright's own."""
    named = os.environ.get("ZEROTRIP_CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or _playwrights_own()


def install() -> str | None:
    """Get one: through Playwright, else through apt when we are root on a Debian."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "chromium"]]
    for command in attempts:
        print("+", " ".join(command), file=sys.stderr)
        subprocess.run(command, check=False, stdout=sys.stderr)
        if found := find():
            return found
    return None


@functools.cache
def chromium() -> str:
    """The path of a Chromium. Raises :class:`NoChromium`."""
    found = find()
    if found is None:
        raise NoChromium(HINT)
    return found


if __name__ == "__main__":
    if not (find() or install()):
        sys.exit(HINT)
