"""docs/reporting.md says what is in the files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bridge.private_names import why_private
from bridge.recording.tape import FORMAT
from tests.recording.playing import recorded, settings_for
from tests.report.test_report import NOBODY, report
from tests.report.test_report import settings_for as reported_settings
from tests.vendors.bench import simulated

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "reporting.md").read_text(encoding="utf-8")
HEADING = {"report", "made_at"}


async def test_every_part_of_a_report_is_explained(tmp_path: Path) -> None:
    """And the example of a charger has exactly the parts that a charger has."""
    async with simulated("go-e") as simulator:
        found = await report(reported_settings(NOBODY, "go-e", simulator), tmp_path)
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|(.*?)\|", DOCUMENT, re.MULTILINE))))
    assert set(found) - HEADING <= explained
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    (charger,) = found["chargers"].values()
    assert list(json.loads(example)) == list(charger)


async def test_where_a_recording_says_what_was_seen(tmp_path: Path) -> None:
    """The word that the page uses is the one in the file."""
    async with simulated("go-e") as simulator:
        recording = await recorded(settings_for("go-e", simulator), tmp_path)
    assert "seen" in recording
    assert "under `seen`" in DOCUMENT
    assert recording["format"] == FORMAT


def test_what_the_page_calls_private_is() -> None:
    """Its examples are those of the table."""
    for name in ("password", "ssid", "rfid", "email", "car_plate", "latitude", "serial_number", "fna"):
        assert why_private(name) is not None
