"""go-e chargers, by their local HTTP API v2."""
