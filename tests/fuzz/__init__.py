"""Files as careless and hostile people make them, given to the command line's own entry point.

What must hold of each that is refused: the exit code is 1, the reason is told in words, nothing runs,
nothing is written, and it takes less than ten seconds. What is accepted must be able to run.
"""
