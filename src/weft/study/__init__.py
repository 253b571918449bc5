"""Many runs: sweeps, comparisons, cut circuits."""
