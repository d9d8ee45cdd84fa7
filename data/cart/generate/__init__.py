"""How the synthetic cohort is made: targets, chance, patients, fates, laboratory series, toxicity, acceptance."""
