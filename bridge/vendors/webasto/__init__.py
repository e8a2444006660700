"""Webasto Next and Ampure Unite, by the local REST API of their web interface."""
