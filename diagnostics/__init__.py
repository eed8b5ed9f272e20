"""Reading the monitored systems: each diagnostic collects, then judges, and ends in a finding."""
