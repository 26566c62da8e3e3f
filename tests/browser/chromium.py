"""A headless Chromium as tests drive it: open a page, let its scripts run, and take what it then shows."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SCRIPTS_MS = 10_000
"""How far the page's own clock runs; it waits for the network, and is over when nothing more is to come."""


@dataclass(frozen=True)
class Shown:
    """A page after its scripts have run, and what the browser's console has to say."""

    html: str
    console: list[str]


def executable() -> str:
    """The browser of this machine; the test is skipped where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine (on Debian: apt-get install chromium)")
    return found


def open_page(url: str, profile: Path) -> Shown:
    """Open `url` with an empty `profile`, with no way to any other host."""
    finished = subprocess.run(
        [
            executable(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            f"--virtual-time-budget={SCRIPTS_MS}",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return Shown(finished.stdout, [line for line in finished.stderr.splitlines() if "CONSOLE" in line])
