"""What people look at: a reading drawn over its text, and reports."""
