"""`charger2mqtt schema`: JSON schemas for editors, flows and other programs."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from bridge.settings.schema import configuration_schema, state_schema


class Document(StrEnum):
    """What there is a schema of."""

    CONFIG = "config"
    STATE = "state"


def command(
    document: Annotated[
        Document, typer.Argument(help="The configuration, or what is published as a state.")
    ] = Document.CONFIG,
) -> None:
    """Print the JSON schema of the configuration or of the state documents."""
    schema = configuration_schema() if document is Document.CONFIG else state_schema()
    typer.echo(json.dumps(schema, indent=2, ensure_ascii=False))
