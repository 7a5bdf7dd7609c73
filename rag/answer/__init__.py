"""From hits to an answer: choosing sentences that stand in the articles, or refusing.

`Reader` is the seam: whatever reads the passages and says which sentences answer, and how strongly, plugs in there.
"""
