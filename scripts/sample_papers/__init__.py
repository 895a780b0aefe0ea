"""What scripts/make_samples is made of: the catalogue, the papers, their typesetting and what is read back."""
