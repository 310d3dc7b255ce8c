"""Every component in its states, and the design's pictures rebuilt; served in development and in tests only."""
