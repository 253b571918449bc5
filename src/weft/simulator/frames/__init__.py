"""Pauli frames: what the `stabilizer` backend runs shots on, 64 to a word."""
