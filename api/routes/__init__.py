"""The doors of the server: a route parses, hands over, answers."""
