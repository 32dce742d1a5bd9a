"""Many runs: repeated, kept and summarized."""
