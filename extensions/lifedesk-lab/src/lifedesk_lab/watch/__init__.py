"""What can go wrong in a session while nobody looks: memory that runs out, kernels that die, a home that fills up."""
