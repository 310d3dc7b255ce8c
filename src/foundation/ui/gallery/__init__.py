"""Every component in its states, and the design's pictures rebuilt; for development and tests only."""
