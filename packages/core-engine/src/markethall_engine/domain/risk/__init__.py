"""What the venue's rules refuse before anything is matched."""
