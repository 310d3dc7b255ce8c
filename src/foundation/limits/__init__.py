"""The one throttle (SEC-05): how often somebody may do something, counted in PostgreSQL for all processes together."""
