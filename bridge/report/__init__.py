"""What somebody who helps must know, in one document: `collect.py` asks for it and makes it fit for strangers."""

from bridge.report.collect import collect, of_faults

__all__ = ["collect", "of_faults"]
