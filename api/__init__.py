"""The live form: wall clock, HTTP, store and console around the dispatch core."""
