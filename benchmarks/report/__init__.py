"""Reports: one self-contained page that a board member would rather look at than read."""
