"""What a charger is, whatever its vendor. Pure: no clock, no network, no MQTT."""
