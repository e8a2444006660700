"""Icons for what has no device class to give it one."""

from __future__ import annotations

ICONS = {
    "boost": "mdi:rocket-launch",
    "charge_mode": "mdi:car-electric",
    "charge_override": "mdi:hand-back-right",
    "charging_enabled": "mdi:play-pause",
    "energy_price": "mdi:cash",
    "error_code": "mdi:alert-circle-outline",
    "error_text": "mdi:alert-circle-outline",
    "event": "mdi:history",
    "iec61851": "mdi:ev-plug-type2",
    "led_brightness": "mdi:brightness-6",
    "limit_reason": "mdi:car-speed-limiter",
    "phase_mode": "mdi:sine-wave",
    "phases_active": "mdi:sine-wave",
    "power_boost": "mdi:home-lightning-bolt",
    "refresh": "mdi:refresh",
    "resume_schedule": "mdi:calendar-clock",
    "session_card": "mdi:card-account-details",
    "skip_random_delay": "mdi:skip-next",
    "smart_charging": "mdi:lightbulb-auto",
    "soc_target_max": "mdi:battery-arrow-up",
    "soc_target_min": "mdi:battery-arrow-down",
    "status": "mdi:ev-station",
    "status_raw": "mdi:code-tags",
    "status_reason": "mdi:information-outline",
    "unlock_cable": "mdi:lock-open-variant",
    "version": "mdi:tag",
}
"""By property, action, or other component key."""
