"""Question banks: a test as a workbook or a table, and back into the content."""
