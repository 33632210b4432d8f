"""The simulated world: what really happens, drawn by named streams; the core sees reports."""
