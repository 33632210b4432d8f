"""Speed of each hot path, beside its peer."""
