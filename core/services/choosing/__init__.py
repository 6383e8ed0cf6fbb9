"""Which system to ship: limits, the front of quality against cost, one sentence with its evidence."""
