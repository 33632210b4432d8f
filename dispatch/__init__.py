"""Who goes where, and why: the decision core, without clock, chance or I/O."""
