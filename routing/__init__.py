"""How long a journey takes, and which way it goes."""
