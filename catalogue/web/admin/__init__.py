"""The administrator's pages: coverage, drafts and revisions, cities and calendars, accounts, audit."""
