"""Travel times fitted to observed journeys, and how good they are where nobody looked."""
