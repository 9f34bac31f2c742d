"""The kit of tests that every adapter must pass."""
