"""Speed as ratios: ours beside a named peer, alternating, in one run on one machine."""
