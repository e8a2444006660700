"""What all pretend secrets have in common."""

from __future__ import annotations

SECRET = "do-not-publish"  # noqa: S105  part of every pretend secret, so that a test can look for it anywhere
