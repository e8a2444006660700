"""What the chargers of one cloud account share: a login and a budget of calls. Knows no vendor."""
