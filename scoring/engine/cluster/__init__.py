"""The same fold and the same fixed point on a Spark cluster, past what one machine holds; knows no Django."""
