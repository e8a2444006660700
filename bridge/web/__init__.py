"""HTTP for people and programs that watch the bridge: whether it lives, whether it is ready, how it is going."""
