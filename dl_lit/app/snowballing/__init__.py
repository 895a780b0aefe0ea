"""Reading what was fetched for further references, and taking in what cites one's own sources."""
