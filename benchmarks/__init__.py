"""The offline form: virtual clock, call logs, a simulated world and the analyst's reports."""
