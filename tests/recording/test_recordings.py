"""Every recording in `tests/recordings/`: dropped there, it is a test.

Where a bug was mended since, `seen` in the file is to be corrected: it is what the bridge must make of the charger.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.simulators.replay import Replay
from bridge.simulators.secret import SECRET
from bridge.vendors import VENDORS
from tests.recording.playing import configured, read, values_of

FOLDER = Path(__file__).resolve().parents[1] / "recordings"
RECORDINGS = sorted(FOLDER.glob("*.json"))


def name(path: Path) -> str:
    """Return a test's name for a recording."""
    return path.stem


@pytest.mark.parametrize("path", RECORDINGS, ids=name)
async def test_a_recorded_charger_is_read_as_it_was(path: Path, tmp_path: Path) -> None:
    """All values, none of which may fail to be understood; or the same trouble as then."""
    replay = Replay.of(path)
    await replay.start()
    try:
        view = await read(configured(replay), tmp_path)
    finally:
        await replay.stop()
    seen = replay.seen
    assert isinstance(seen, dict)
    if "error" in seen:
        error = view.health.last_error
        assert seen["error"] == {"code": error and error.code.value, "message": error and error.message}
        return
    assert view.available, view.health.last_error
    found = values_of(view)
    # Properties that the bridge has learned since are no failure.
    values = seen["values"]
    assert isinstance(values, dict)
    assert {key: found.get(key) for key in values} == values


@pytest.mark.parametrize("path", RECORDINGS, ids=name)
def test_nothing_private_is_in_a_file(path: Path) -> None:
    """Of those made from pretend chargers it is certain; of others somebody must have looked."""
    text = path.read_text(encoding="utf-8")
    assert SECRET not in text
    assert json.loads(text)["vendor"] in VENDORS
    assert len(text) < 500_000


def test_there_is_one_of_each_vendor() -> None:
    """So that playing is tested with a file for all of them."""
    assert {json.loads(path.read_text(encoding="utf-8"))["vendor"] for path in RECORDINGS} == set(VENDORS)
