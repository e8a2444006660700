"""Wallbox chargers, by the vendor's cloud."""
