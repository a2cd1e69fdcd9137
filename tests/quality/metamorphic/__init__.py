"""What must follow when an article is changed in a known way: the same answer, or one changed in the same way.

`relations` are the changes, `check` runs them over the labelled articles and counts what held.
"""
