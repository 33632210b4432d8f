"""Where the journal is kept so that nothing acknowledged is ever lost."""
