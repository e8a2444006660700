"""Gathers the root file system of the container image: Python, one virtual environment, the libraries they load.

Runs while the image is built, inside the base image: `python image_root.py VENV ROOT`. Everything else of the base
image stays behind (its shell, package manager, Perl, pip), so the image is small and holds little to attack.
"""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from py_compile import PycInvalidationMode

LEFT_OUT = {"__pycache__", "test", "idlelib", "tkinter", "turtledemo", "ensurepip", "venv", "pydoc_data", "lib2to3"}
LEFT_OUT |= {"site-packages", "dist-packages"}
"""Of the standard library: what a daemon never imports. The venv has site-packages of its own."""

ALSO = (
    "/etc/ssl",  # whom to trust over TLS
    "/usr/lib/ssl",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/etc/ld.so.cache",  # where libpython is, in python's own images
    "/etc/nsswitch.conf",
    "/etc/protocols",
    "/etc/services",
    "/etc/os-release",
    "/usr/lib/os-release",
    "/etc/debian_version",
)
LOADED_LATER = "libgcc_s.so.1"
"""glibc opens it by name when a thread ends, so nothing links to it."""


def main(venv: Path, root: Path) -> None:
    """Fill `root`."""
    library = Path(sysconfig.get_path("stdlib"))
    copy(library, root, leave_out=LEFT_OUT)
    copy(venv, root)
    chain = links_of(venv / "bin" / "python")
    for link in chain:
        copy(link, root)
    binaries = [chain[-1], *(path for folder in (library, venv) for path in folder.rglob("*.so*") if path.is_file())]
    for path in sorted(libraries_of(binaries)):
        for link in links_of(path):
            copy(link, root)
    for name in ALSO:
        if Path(name).exists():
            copy(Path(name), root)
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for folder in (library, venv):
        # By hash and unchecked: nothing can be written or changed in there later, and no date has to fit.
        compileall.compile_dir(
            root / folder.relative_to("/"),
            quiet=1,
            stripdir=str(root),
            prependdir="/",
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )


def links_of(path: Path) -> list[Path]:
    """Return the path, what it links to, and so on to the file itself."""
    found = [path]
    while found[-1].is_symlink():
        target = found[-1].parent / found[-1].readlink()
        found.append(Path(os.path.normpath(target)))
    return found


def copy(source: Path, root: Path, leave_out: set[str] | None = None) -> None:
    """Copy a file, link or folder to the same place below `root`; links stay links, also those of folders above it."""
    real = source.parent.resolve() / source.name
    for folder in reversed(source.parents):
        if folder.is_symlink():  # /lib is a link to usr/lib
            _link(folder, root)
    target = root / real.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if real.is_symlink():
        _link(real, root)
    elif real.is_dir():
        shutil.copytree(
            real, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*leave_out or ())
        )
    else:
        shutil.copy2(real, target)


def _link(source: Path, root: Path) -> None:
    target = root / source.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_symlink():
        target.symlink_to(source.readlink())


def libraries_of(binaries: list[Path]) -> set[Path]:
    """Return every shared library that the binaries load, with those that these load, as the loader finds them."""
    found: set[Path] = set()
    # The loader's own list: `libssl.so.3 => /lib/.../libssl.so.3 (0x...)`, and itself without an arrow.
    for binary in binaries:
        told = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False).stdout
        if "not found" in told and "site-packages" not in str(binary):
            sys.exit(f"{binary} needs a library that is not there:\n{told}")
        found |= {Path(name) for name in re.findall(r"(?:^|=>)\s*(/\S+) \(0x", told, re.MULTILINE)}
    beside = next(path.parent for path in found if path.name.startswith("libc.so"))
    return found | ({beside / LOADED_LATER} if (beside / LOADED_LATER).exists() else set())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
