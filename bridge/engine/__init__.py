"""One charger's life, and the whole daemon's. Sees MQTT as the small protocol in `outlet.py` only."""
