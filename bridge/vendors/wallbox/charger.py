"""One charger of a Wallbox account."""

from __future__ import annotations
