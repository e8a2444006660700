"""How much memory this process uses."""

from __future__ import annotations

import os
import resource
from pathlib import Path


def memory_bytes() -> int | None:
    """Return the resident memory; where the system does not tell it as Linux does, the highest it ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")
