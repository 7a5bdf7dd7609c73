"""How good the answers are: question sets, their metrics, and the floors that CI holds. Not part of the package."""
