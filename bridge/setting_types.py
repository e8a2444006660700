"""What settings of several rooms are made of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _existing_file(value: Path) -> Path:
    # Not pydantic's FilePath, which lets an OSError out, for example when the name is too long.
    try:
        is_file = value.is_file()
    except OSError:
        is_file = False
    if not is_file:
        raise ValueError("there is no such file")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?", value):
        raise ValueError("it must be a name or an address, perhaps with a port: 192.168.1.40 or charger.lan:8080")
    return value


ExistingFile = Annotated[Path, AfterValidator(_existing_file)]

DeviceAddress = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_address)]
"""Where a device in the local network is: a name or an address, perhaps with a port."""


class Section(BaseModel):
    """What all sections share; unknown keys are faults, and no error shows a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
