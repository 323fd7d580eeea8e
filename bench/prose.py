"""The text of docs/benchmarks.md that does not depend on the results."""

from bench.cases import SEED, TOLERANCE, WEIGHTS

HEAD = """# Benchmarks

Made by `make bench`; every figure is also in [bench/results.json](../bench/results.json). `make bench QUICK=1` takes
under two minutes and writes under `var/bench/`; `make bench LARGE=1` adds 10 million citizens.
"""
METHOD = f"""
## How it is measured

- **The question** is that of [the model](model.md), section "Network effect": everybody's score, certified to
  {TOLERANCE} points. All get the same columns (who is tied to whom, role, strength, own scores) and stop at the first
  sweep whose residual certifies that bound. Time runs from the columns to the scores: *preparing* (building a matrix,
  a graph, tables) and *solving*; a table at the end has them apart. Sesame has nothing to prepare. Peers sweep over
  everybody each time, as far as φ is not 0; Sesame may follow what changes, or speed its sweeps up.
- **Weights** of the rule set "Open Sesame 2017": drag {WEIGHTS["drag"]:g}, lift {WEIGHTS["lift"]:g}, cap
  {WEIGHTS["cap"]:g}, k0 {WEIGHTS["k0"]:g}. *Few radiate*: the thresholds leave the lowest and the highest twentieth
  with a φ other than 0 before anyone moves. *All radiate*: both thresholds are the median.
- **Drawn graphs** have five pairs for each citizen, so about ten directed ties, one end preferring few people.
  Strengths, roles and own scores are drawn on the real graphs too. Seed {SEED} with the size.
- **Rounds** interleave: A B C, A B C, …, after one round that does not count. Figures are medians. In each round, an
  answer that takes but a moment is computed again and again for a twentieth of a second, and the median of these
  counts: a single one would mostly tell how cold the caches were that the peer before left behind.
- **Peers** answer the same question, and each answer is compared with ours: the *largest difference* in points, which
  two right answers keep within {2 * TOLERANCE:g}. scipy: CSR matrix, whole sweeps, one processor, which is all scipy's
  product uses. GraphBLAS: SuiteSparse on all processors, matrix by rows, vectors in full, its fastest way here.
  PostgreSQL: the embedded server, temporary tables, one INSERT … SELECT for each sweep. Spark: our own Spark engine
  on this machine, from starting Java to reading the scores; [scaling](scaling.md) has more of it.
- **Threads** of OpenMP (GraphBLAS, NetworKit, igraph) wait passively: with several such libraries in one process, those
  that wait would otherwise keep a processor from whoever is measured next.
- **References for the cost**: PageRank is another question, so these are not ranked. It is computed on the same
  weighted graph, with our modulus as damping and to our relative precision where that can be set (NetworKit, networkx;
  igraph stops at about ten digits), and compared with an exact one.
- **The floor**: reading other, role and strength of every tie once, in compiled code on all processors; that times the
  sweeps that plain sweeping needs; and a copy of large arrays as in STREAM. A processor with a large cache reads
  populations that fit in it faster than its memory would allow. *Held beside*: memory beyond the columns while solving.
"""
