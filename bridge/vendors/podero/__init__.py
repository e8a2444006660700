"""Wallboxes that Podero steers, by its partner API."""
