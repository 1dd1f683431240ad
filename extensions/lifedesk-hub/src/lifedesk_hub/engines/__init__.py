"""Container engines: what differs between them lives here and nowhere else."""
