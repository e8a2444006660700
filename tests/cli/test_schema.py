"""`charger2mqtt schema`."""

from __future__ import annotations

import json

import pytest

from bridge.settings.schema import configuration_schema, state_schema
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [([], configuration_schema()), (["config"], configuration_schema()), (["state"], state_schema())],
)
def test_it_prints_json(run: Run, arguments: list[str], schema: object) -> None:
    """Of the configuration, if nothing is said; it needs none itself."""
    outcome = run("schema", *arguments)

    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == schema
