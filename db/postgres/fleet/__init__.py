"""What all hosts of a fleet know together, beside its work: the services' states, and who still lives."""
