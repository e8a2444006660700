"""The MQTT contract: topics, messages, requests and results. Only `broker.py` imports the MQTT library."""
