"""Stand-ins of the providers of status pages, for tests and the bench."""
