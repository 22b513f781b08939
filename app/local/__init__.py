"""What belongs to this desktop: settings and connection profiles."""
