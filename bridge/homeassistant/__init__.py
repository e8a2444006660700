"""What Home Assistant is told of chargers and of the bridge. Pure; the only place that knows its JSON keys.

The rules come from Home Assistant's `components/mqtt` and were tried against it; `docs/home-assistant.md` says what a
user sees of all this.
"""
