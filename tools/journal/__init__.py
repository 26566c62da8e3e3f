"""The parts of `inspect_journal`: which records, in what words, and whether they would be decided so now."""
