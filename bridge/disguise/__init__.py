"""Making what chargers say fit for strangers: secrets masked, and whatever is traceable exchanged for something else.

`documents.py` goes through answers, `stand_ins.py` invents what takes the place of ids, names and addresses, and
`configuration.py` shows settings.
"""

from bridge.disguise.documents import Disguise

__all__ = ["Disguise"]
