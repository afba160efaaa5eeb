"""Several readings of one article become one record: what is settled by rule, what a person has to settle."""
