#!/usr/bin/env bash
# The Home Assistant add-on as one folder that needs nothing else: the Supervisor sees no file outside of it.
# Usage: make_addon.sh FOLDER   makes FOLDER/charger2mqtt, new each time
set -euo pipefail
cd "$(dirname "$0")/.."
to="$1/charger2mqtt"
rm -rf "$to"
mkdir -p "$to/scripts"
cp -R addon/config.yaml addon/translations addon/README.md addon/DOCS.md CHANGELOG.md LICENSE "$to"
cp -R bridge constraints.txt pyproject.toml .dockerignore "$to"
cp scripts/image_root.py "$to/scripts"
find "$to" -type d -name __pycache__ -prune -exec rm -rf {} +
cat Dockerfile addon/Dockerfile.end >"$to/Dockerfile"
echo "made $to; copy it to the folder addons of Home Assistant, or put it into a repository of add-ons"
