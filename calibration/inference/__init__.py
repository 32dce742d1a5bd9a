"""Bayesian inference: which parameters agree with the targets."""
