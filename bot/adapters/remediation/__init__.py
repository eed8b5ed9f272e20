"""Reading for remediations and carrying them out: each time a process of its own, with no keys but those it needs."""
