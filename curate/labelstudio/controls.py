"""The names of the page's own controls, by which the pieces of a result are told apart."""

LABEL = "label"
"""The control of types and roles."""

TEXT = "text"
"""The article's text, to which every control belongs."""

SCHEMA = "schema"
"""The hidden control that stamps an annotation with the schema it was made under."""

NOTE = "note"
"""The free words on a region."""

REASON, ARTICLE_REASON = "disagreement", "article_disagreement"
"""The controls by which an adjudicator says why readings differ, of a region and of the article."""
