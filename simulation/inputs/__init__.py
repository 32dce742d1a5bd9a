"""The inputs of a run: parameters, the county file, and the models of both."""
