"""How right the clusters of near copies are; `pairs.jsonl` holds labelled pairs of RealTimeQA articles by their ids."""
