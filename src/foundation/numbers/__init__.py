"""The one number series: batches, orders, tickets and names of plans are numbered here."""
