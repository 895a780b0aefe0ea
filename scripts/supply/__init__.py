"""What dl_lit is made of: its locks read, licences checked, advisories looked up, a bill of materials written."""
