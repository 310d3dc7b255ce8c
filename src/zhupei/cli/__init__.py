"""Operator commands that work on files alone; `zhupei.config.cli` dispatches to them."""
