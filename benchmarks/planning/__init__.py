"""Where units should wait, and how many at which hour: offline siting by OR-Tools."""
