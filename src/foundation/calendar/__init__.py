"""Working days: the one calendar that every promised time is counted with."""
