"""PageRank by igraph (PRPACK), which stops by a rule of its own, at about ten digits."""

import igraph
import numpy as np

from bench.cases import Case
from bench.peers.peer import Answer, Peer, damping


def prepared(case: Case) -> igraph.Graph:
    a, b, strength = case.pairs
    return igraph.Graph(len(case), np.column_stack([a, b]), directed=False, edge_attrs={"strength": strength})


def ranked(case: Case, graph: igraph.Graph) -> Answer:
    return Answer(np.array(graph.pagerank(damping=damping(case), weights="strength")), None, None)


PEER = Peer("igraph", lambda: igraph.__version__, prepared, ranked, same=False, cases=("all radiate",), most=800_000)
