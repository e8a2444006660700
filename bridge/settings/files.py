"""Questions about files which never raise."""

from __future__ import annotations

import stat
from pathlib import Path


def is_there(path: Path) -> bool:
    """Tell whether something is there; what cannot be looked at is, so that reading it then says why it fails."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        pass
    return True


def is_readable_by_all(path: Path) -> bool:
    """Tell whether every user may read the file, which also takes folders that let them pass."""
    try:
        path = path.resolve()
        folders_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
        return folders_open and bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:  # a pipe, for example
        return False
