"""What the browser's tests need beside Python, installed once into the environment by the lock file beside this one."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.support.servers.node import HOME, NPM

LOCK = Path(__file__).parent / "package-lock.json"
SECONDS = 300
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{0}/fonts</dir><cachedir>{0}/cache</cachedir></fontconfig>
"""
"""Only the fonts of the package, so that pictures and widths are the same on every machine."""


def folder() -> Path:
    """The folder that holds `node_modules` and the unpacked browser; made on the first call, by one process."""
    environment = Path(sys.prefix)
    whole = environment / f"browser-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    with (environment / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            for older in environment.glob("browser-*"):
                shutil.rmtree(older)
            unfinished = environment / "unfinished-browser"
            shutil.rmtree(unfinished, ignore_errors=True)
            _make(unfinished)
            (unfinished / "chromium" / "fonts.conf").write_text(FONTS.format(whole / "chromium"))
            unfinished.rename(whole)
    return whole


def module(name: str) -> Path:
    """The folder of an installed package."""
    return folder() / "node_modules" / name


def chromium() -> tuple[Path, dict[str, str]]:
    """The browser's program, and the environment in which it finds its libraries and fonts."""
    unpacked = folder() / "chromium"
    libraries = unpacked / "lib"
    return unpacked / "chromium", {"LD_LIBRARY_PATH": f"{libraries}:{unpacked}", "FONTCONFIG_PATH": str(unpacked)}


def _make(made: Path) -> None:
    unpacked = made / "chromium"
    unpacked.mkdir(parents=True)
    for name in ("package.json", LOCK.name):
        shutil.copy(LOCK.parent / name, made)
    node = str(HOME / "bin" / "node")
    # The package's own install script is for another machine; nothing is run that was just downloaded.
    install = [node, str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    path = {**os.environ, "PATH": f"{HOME / 'bin'}:{os.environ['PATH']}"}
    subprocess.run(install, cwd=made, env=path, check=True, capture_output=True, timeout=SECONDS)
    packed = made / "node_modules" / "@sparticuz" / "chromium" / "bin"
    subprocess.run([node, LOCK.parent / "unpack.mjs", packed, unpacked], check=True, timeout=SECONDS)
    for archive in unpacked.glob("*.tar"):
        with tarfile.open(archive) as opened:
            opened.extractall(unpacked, filter="data")
        archive.unlink()
    (unpacked / "chromium").chmod(0o755)
