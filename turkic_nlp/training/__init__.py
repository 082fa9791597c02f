"""Training: text and corpora in, weights and a results file out."""
