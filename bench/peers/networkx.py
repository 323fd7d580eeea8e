"""PageRank by networkx, on small graphs: what is at hand everywhere."""

import networkx
import numpy as np

from bench.cases import Case
from bench.peers.peer import Answer, Peer, damping, pagerank_change


def prepared(case: Case) -> networkx.Graph:
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(case)))
    graph.add_weighted_edges_from(zip(*(column.tolist() for column in case.pairs), strict=True))
    return graph


def ranked(case: Case, graph: networkx.Graph) -> Answer:
    rank = networkx.pagerank(graph, alpha=damping(case), tol=pagerank_change(case) / len(case))
    return Answer(np.fromiter(rank.values(), np.float64, len(case)), None, None)


PEER = Peer(
    "networkx", lambda: networkx.__version__, prepared, ranked, False, 50_000, cases=("all radiate",), slow=True
)
