"""Runs the looks that were asked for: plans the steps, asks the monitored systems, records what they found."""
