"""Hands ``python -m bridge`` over to the command line."""

from bridge.cli import main

if __name__ == "__main__":
    main()
