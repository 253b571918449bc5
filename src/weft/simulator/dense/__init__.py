"""Dense states of data qubits, on which the `statevector` backend runs all shots of a batch as one tree."""
