"""The nouns of dispatch: frozen values that cross the doors of the core."""
