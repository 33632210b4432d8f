"""Scenarios: readable files that say what is out of the ordinary, with seed and checksum."""
