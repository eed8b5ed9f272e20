"""Diagnostics of the monitored systems: each collects, then judges, and ends in a finding."""
