"""What came of the work, for exports, reports and lists."""
