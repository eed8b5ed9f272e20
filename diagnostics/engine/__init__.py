"""Plans diagnostic runs and runs their checks against the monitored systems."""
