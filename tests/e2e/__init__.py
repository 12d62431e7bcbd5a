"""Real server processes, and clients as they come: over the network."""
