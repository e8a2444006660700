"""Choosing the settings class of a charger or an account by its `vendor:`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from bridge.charger.contract import AccountSettings, ChargerSettings
from bridge.complaint import complaint
from bridge.vendors import VENDORS


def settings_class(base: type[BaseModel], data: Mapping[str, object]) -> type[BaseModel] | None:
    """Return the class for this mapping: by vendor for chargers and accounts (None if not known), else `base`."""
    if base not in {ChargerSettings, AccountSettings}:
        return base
    vendor = data.get("vendor")
    return _classes(base).get(vendor) if isinstance(vendor, str) else None


def _classes(base: type[BaseModel]) -> dict[str, type[BaseModel]]:
    if base is ChargerSettings:
        return {name: vendor.settings for name, vendor in VENDORS.items()}
    return {name: vendor.account_settings for name, vendor in VENDORS.items() if vendor.account_settings is not None}


@dataclass(frozen=True, slots=True)
class ByVendor:
    """Annotates ChargerSettings or AccountSettings: the class that validates is the one of the vendor that is named."""

    base: type[BaseModel]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Put the choice before the base class, which then finds an instance of itself."""
        return core_schema.no_info_before_validator_function(self._choose, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe every vendor's class."""
        kinds = [handler(model.__pydantic_core_schema__) for model in _classes(self.base).values()]
        return {"oneOf": kinds} if kinds else {"not": {}}

    def _choose(self, value: Any) -> Any:  # noqa: ANN401 - whatever the file says
        if not isinstance(value, dict):
            return value
        model = settings_class(self.base, value)
        if model is None:
            raise complaint((("vendor",), self._advice(value.get("vendor"))))
        return model.model_validate(value)

    def _advice(self, given: object) -> str:
        names = sorted(_classes(self.base))
        if not names:
            return "no vendor has accounts"
        known = ", ".join(names)
        if given is None:
            return f"it must be given: one of {known}"
        guess = get_close_matches(given.lower(), names, 1) if isinstance(given, str) else []
        return f"it is not known; did you mean {guess[0]}? Known are: {known}" if guess else f"it is not one of {known}"
