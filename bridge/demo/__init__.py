"""Everything on this machine and nothing else: a broker, pretend chargers, the bridge, and a look at what happens."""
