"""Where suggestions come from: the schema's trigger words, a function of one's own, a language model."""
