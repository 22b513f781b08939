"""The ways out of a run that cannot go on by itself: repairs and the end of a quota pause."""
