"""How everything is at this moment: what a process tells of itself, and what others make of it."""
