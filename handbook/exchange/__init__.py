"""What comes from people outside and goes to them: tables, filled-in sheets, reports."""
