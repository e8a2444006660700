"""What the bridge remembers between runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.charger.values import Json
from bridge.errors import ConfigError
from bridge.state_files import read_json, state_directory, write_json


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        ("/given", {"STATE_DIRECTORY": "/systemd", "HOME": "/home/you"}, "/given"),
        (None, {"STATE_DIRECTORY": "/systemd", "HOME": "/home/you"}, "/systemd"),
        (None, {"STATE_DIRECTORY": "/systemd/one:/systemd/two"}, "/systemd/one"),
        (None, {"STATE_DIRECTORY": "", "HOME": "/home/you"}, "/home/you/.local/state/charger2mqtt"),
        (None, {"HOME": "/home/you"}, "/home/you/.local/state/charger2mqtt"),
    ],
)
def test_where_state_is_kept(option: str | None, environ: dict[str, str], expected: str) -> None:
    """The option, then systemd, then the home directory."""
    assert state_directory(None if option is None else Path(option), environ) == Path(expected)


def test_nowhere_to_keep_state() -> None:
    """The fault says what to do."""
    with pytest.raises(ConfigError, match="--state-dir: it must be given"):
        state_directory(None, {})


@pytest.mark.parametrize("data", [None, [], {"topics": ["a/b"], "größe": 1.5}, "text"])
def test_what_is_written_is_read(tmp_path: Path, data: Json) -> None:
    """Folders are made as needed, and nobody else can read any of it."""
    path = tmp_path / "a" / "b" / "topics.json"

    write_json(path, ["before"])
    write_json(path, data)

    assert read_json(path) == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["topics.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """And no half of the new one."""
    path = tmp_path / "topics.json"
    write_json(path, ["before"])

    with pytest.raises(TypeError):
        write_json(path, {"not": object()})  # type: ignore[dict-item]

    assert read_json(path) == ["before"]
    assert [each.name for each in tmp_path.iterdir()] == ["topics.json"]


def test_no_file_is_nothing_to_remember(tmp_path: Path) -> None:
    """It is the normal case of a first start, so nothing is logged."""
    with capture_logs() as logs:
        assert read_json(tmp_path / "topics.json") is None
    assert logs == []


@pytest.mark.parametrize("content", [b"", b'{"topics": [', b"\xff", b"[" * 100_000])
def test_a_damaged_file_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    """It is told once; the next read finds none."""
    path = tmp_path / "topics.json"
    path.write_bytes(content)

    with capture_logs() as logs:
        assert read_json(path) is None
        assert read_json(path) is None

    aside = tmp_path / "topics.json.corrupt"
    assert aside.read_bytes() == content
    assert logs == [
        {"event": "state file damaged", "log_level": "warning", "path": str(path), "kept_as": str(aside)},
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """The bridge goes on without it."""
    with capture_logs() as logs:
        assert read_json(tmp_path) is None

    assert logs == [
        {"event": "state file unreadable", "log_level": "warning", "path": str(tmp_path), "reason": "Is a directory"},
    ]
