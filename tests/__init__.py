"""The tests, a package of their own: other projects install one of the same name."""
