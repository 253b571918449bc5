"""Many runs, and what a computation is like before any of them."""
