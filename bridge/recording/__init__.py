"""Recording what a charger answers, fit for strangers, so that `simulate --replay` can play it back.

`session.py` reads a charger and listens, `recorder.py` keeps what came, `tape.py` makes the file of it.
"""

from bridge.recording.session import record

__all__ = ["record"]
