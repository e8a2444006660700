"""Bridges EV chargers of several vendors to MQTT."""

__version__ = "0.1.0"
