"""Who is compared: each module holds one way to the same scores, or, as a reference for the cost, to PageRank."""
