"""PageRank by NetworKit, with as many threads as there are processors: what sweeps cost in good C++."""

import networkit as nk
import numpy as np
from networkit.centrality import Norm, PageRank

from bench.cases import Case
from bench.peers.peer import Answer, Peer, damping, pagerank_change
from scoring.engine.kernels.threads import processors

nk.setNumberOfThreads(processors())


def prepared(case: Case) -> nk.Graph:
    a, b, strength = case.pairs
    ends = (a.astype(np.uint64), b.astype(np.uint64))
    return nk.GraphFromCoo((strength, ends), n=len(case), weighted=True, directed=False)


def ranked(case: Case, graph: nk.Graph) -> Answer:
    ranking = PageRank(graph, damping(case), pagerank_change(case))
    ranking.norm = Norm.l1norm
    ranking.run()
    return Answer(np.asarray(ranking.scores(asarray=True)), ranking.numberOfIterations(), None)


PEER = Peer("NetworKit", lambda: nk.__version__, prepared, ranked, same=False, cases=("all radiate",), most=800_000)
