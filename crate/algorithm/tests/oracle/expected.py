"""Writes expected.json: what networkx finds on a few graphs, for the tests beside it.

    pip install -r requirements.txt && python expected.py
    python expected.py --check [FILE…]    compares with what is there instead: code 1 where they differ, 3 without the packages

Nodes are numbered from zero; edges are [from, to, weight]. Lists by node are in the order of the numbers.

networkx has no random walks and no Leiden of its own. What walks visit on average follows from its matrix of a graph;
Leiden's communities are those of graspologic-native (MIT), measured by networkx. Which labels label propagation ends with
is up to chance: the mean and spread of what many seeds give is what can be compared.
"""

import importlib.metadata
import itertools
import json
import math
import pathlib
import random
import statistics
import sys

HERE = pathlib.Path(__file__)


def missing():
    """What of requirements.txt is not there, or not in its version."""
    lines = HERE.with_name("requirements.txt").read_text().splitlines()
    for line in (line for line in lines if line and not line.startswith("#")):
        name, version = line.split("==")
        try:
            if importlib.metadata.version(name) != version:
                yield line
        except importlib.metadata.PackageNotFoundError:
            yield line


if lacking := list(missing()):
    print(f"missing: {', '.join(lacking)}; pip install -r {HERE.with_name('requirements.txt')}")
    sys.exit(3)

import graspologic_native
import networkx as nx
import numpy as np


def classic(graph):
    graph = nx.convert_node_labels_to_integers(graph)
    edges = [(a, b, data.get("weight", 1)) for a, b, data in graph.edges(data=True)]
    return False, graph.number_of_nodes(), edges


def drawn(seed, directed, nodes, edges):
    """Skewed, with parallel edges, loops and, at the end, three isolated nodes."""
    draw = random.Random(seed)
    node = lambda: int(draw.random() ** 1.7 * (nodes - 3))
    weight = lambda: draw.randint(1, 40) / 4
    found = [(node(), node(), weight()) for _ in range(edges)]
    found += [(a, b, weight()) for a, b, _ in found[:6]]
    found += [(a, a, weight()) for a in (0, 3, nodes - 4)]
    return directed, nodes, found


def with_negative_weights(seed, nodes, edges):
    """Weights that differ from ones above zero by a potential of the nodes, so that no cycle weighs less than zero."""
    draw = random.Random(seed)
    height = [draw.randint(0, 60) for _ in range(nodes)]
    found = []
    for _ in range(edges):
        a, b = draw.randrange(nodes), draw.randrange(nodes)
        found.append((a, b, draw.randint(1, 12) + height[a] - height[b]))
    return True, nodes, found


def graphs_of(directed, nodes, edges):
    """The graph with parallel edges, and the one with the lightest of each."""
    many = (nx.MultiDiGraph if directed else nx.MultiGraph)()
    one = (nx.DiGraph if directed else nx.Graph)()
    for graph in (many, one):
        graph.add_nodes_from(range(nodes))
    many.add_weighted_edges_from(edges)
    for a, b, weight in edges:
        if not one.has_edge(a, b) or one[a][b]["weight"] > weight:
            one.add_edge(a, b, weight=weight)
    return many, one


def by_node(values, nodes, missing=None):
    return [rounded(values.get(node, missing)) for node in range(nodes)]


def rounded(value):
    return float(f"{value:.12g}") if isinstance(value, float) and math.isfinite(value) else value


def cost(graph, path):
    return rounded(float(sum(graph[a][b]["weight"] for a, b in itertools.pairwise(path))))


def paths(many, one, nodes, source, target):
    unweighted = [path for path in nx.all_shortest_paths(one, source, target)]
    weighted = [path for path in nx.all_shortest_paths(one, source, target, weight="weight")]
    cheapest = itertools.islice(nx.shortest_simple_paths(one, source, target, weight="weight"), 8)
    return {
        "source": source,
        "target": target,
        "depths": by_node(nx.single_source_shortest_path_length(many, source), nodes),
        "costs": by_node(nx.single_source_dijkstra_path_length(many, source), nodes),
        "fewest_edges": sorted(unweighted),
        "cheapest": sorted(weighted),
        "k_cheapest": [cost(one, path) for path in cheapest],
    }


def depth_first(directed, edges, nodes, source):
    """Neighbors are met in the order of the edges that leave; without directions then of those that enter, by their start."""
    rows = nx.DiGraph()
    rows.add_nodes_from(range(nodes))
    for node in range(nodes):
        rows.add_edges_from((node, b) for a, b, _ in edges if a == node)
        if not directed:
            rows.add_edges_from((node, a) for a, b, _ in sorted(edges) if b == node)
    return {
        "entered": list(nx.dfs_preorder_nodes(rows, source)),
        "left": list(nx.dfs_postorder_nodes(rows, source)),
        "tree": sorted([child, parent] for child, parent in nx.dfs_predecessors(rows, source).items()),
        "entered_to_depth_3": list(nx.dfs_preorder_nodes(rows, source, depth_limit=3)),
        "entered_from_all": list(nx.dfs_preorder_nodes(rows)),
    }


def visits(many, source):
    """How often walks of 12 steps visit each node on average; a walk ends early where no edge leads on."""
    weights = nx.to_numpy_array(many, nodelist=range(len(many)))
    share = lambda rows: np.divide(rows, sums := rows.sum(axis=1, keepdims=True), where=sums > 0, out=np.zeros_like(rows))
    first = np.zeros(len(many))
    first[source] = 1

    def plain():
        found, at = first.copy(), first
        for _ in range(12):
            at = at @ share(weights)
            found += at
        return found

    def second_order(p, q):
        def factors(before):
            found = np.where(weights[before] > 0, 1.0, 1 / q)
            found[before] = 1 / p
            return found

        steps = [share(weights * factors(before)) for before in range(len(many))]
        pairs = first[:, None] * share(weights)
        found = first + pairs.sum(axis=0)
        for _ in range(11):
            pairs = sum(pairs[before][:, None] * step for before, step in enumerate(steps))
            found += pairs.sum(axis=0)
        return found

    by_factors = {"1 1": plain(), "4 0.5": second_order(4, 0.5), "0.25 2": second_order(0.25, 2)}
    assert np.allclose(by_factors["1 1"], second_order(1, 1))
    return {factors: [rounded(float(value)) for value in found] for factors, found in by_factors.items()}


def centralities(many, one, nodes):
    ranks = lambda **more: by_node(nx.pagerank(many, tol=1e-13, max_iter=1000, **more), nodes)
    between = lambda **more: by_node(nx.betweenness_centrality(one, **more), nodes)
    close = lambda **more: by_node(nx.closeness_centrality(one, **more), nodes)
    return {
        "page_rank": ranks(weight=None),
        "page_rank_weighted": ranks(weight="weight"),
        "page_rank_personal": ranks(weight="weight", personalization={0: 3, 5: 1}, dangling={0: 3, 5: 1}),
        "page_rank_damped": ranks(weight=None, alpha=0.5),
        "degrees": by_node(dict(many.degree()), nodes),
        "strengths": by_node(dict(many.degree(weight="weight")), nodes),
        "degree_centrality": by_node(nx.degree_centrality(many), nodes),
        "closeness": close(),
        "closeness_plain": close(wf_improved=False),
        "closeness_weighted": close(distance="weight"),
        "harmonic": by_node(nx.harmonic_centrality(one), nodes),
        "betweenness": between(normalized=False),
        "betweenness_normalized": between(normalized=True),
        "betweenness_weighted": between(normalized=False, weight="weight"),
    }


def without_loops(graph):
    graph = nx.Graph(graph.to_undirected())
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def structure(many, one, nodes):
    plain = without_loops(one)
    undirected = many.to_undirected() if many.is_directed() else many
    pairs = {frozenset((a, b)) for a, b, key in undirected.edges(keys=True) if key > 0}
    bridges = [sorted(edge) for edge in nx.bridges(plain) if frozenset(edge) not in pairs]
    if many.is_directed():
        # Edges in both directions are parallel once directions do not count.
        bridges = [(a, b) for a, b in bridges if not (many.has_edge(a, b) and many.has_edge(b, a))]
    lightest = nx.MultiGraph()
    lightest.add_nodes_from(many)
    lightest.add_edges_from((a, b, {"weight": weight}) for a, b, weight in many.edges(data="weight"))
    tree = nx.minimum_spanning_edges(lightest, data=True)
    found = {
        "components": sorted(sorted(part) for part in nx.connected_components(plain)),
        "forest_weight": rounded(float(sum(edge[-1]["weight"] for edge in tree))),
        "triangles": by_node(nx.triangles(plain), nodes),
        "clustering": by_node(nx.clustering(plain), nodes),
        "clustering_average": rounded(nx.average_clustering(plain)),
        "clustering_global": rounded(float(nx.transitivity(plain))),
        "cores": by_node(nx.core_number(plain), nodes),
        "articulation_points": sorted(nx.articulation_points(plain)),
        "bridges": sorted(bridges),
    }
    if many.is_directed():
        found["strong_components"] = sorted(sorted(part) for part in nx.strongly_connected_components(many))
    return found


def communities(many, nodes):
    sums = nx.Graph()
    sums.add_nodes_from(range(nodes))
    for a, b, weight in many.edges(data="weight"):
        before = sums[a][b]["weight"] if sums.has_edge(a, b) else 0
        sums.add_edge(a, b, weight=before + weight)
    thirds = [{node for node in range(nodes) if node % 3 == part} for part in range(3)]
    measure = lambda parts, gamma: rounded(nx.community.modularity(sums, parts, resolution=gamma))
    louvain = lambda gamma, seed: nx.community.louvain_communities(sums, resolution=gamma, seed=seed)
    leiden = lambda gamma, seed: leiden_communities(sums, gamma, seed)
    best = lambda method, gamma: max(measure(method(gamma, seed), gamma) for seed in range(10))
    plain = sums.copy()
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    labeled = [list(nx.community.asyn_lpa_communities(plain, weight="weight", seed=seed)) for seed in range(LABELED)]
    spread = lambda values: [rounded(statistics.fmean(values)), rounded(statistics.stdev(values))]
    return {
        "modularity_of_thirds": [[gamma, measure(thirds, gamma)] for gamma in (0.5, 1.0, 1.7)],
        "louvain_modularity": [[gamma, best(louvain, gamma)] for gamma in (0.5, 1.0, 1.7)],
        "leiden_modularity": [[gamma, best(leiden, gamma)] for gamma in (0.5, 1.0, 1.7)],
        "label_propagation": {
            "runs": LABELED,
            "modularity": spread([measure(parts, 1.0) for parts in labeled]),
            "count": spread([float(len(parts)) for parts in labeled]),
        },
    }


# Runs of label propagation, each with a seed of its own.
LABELED = 400


def leiden_communities(sums, gamma, seed):
    edges = [(str(a), str(b), float(weight)) for a, b, weight in sums.edges(data="weight")]
    _, numbers = graspologic_native.leiden(
        edges=edges, starting_communities=None, resolution=gamma, randomness=0.01, iterations=10,
        use_modularity=True, seed=seed, trials=1,
    )  # fmt: skip
    parts = {}
    for node in sums:
        parts.setdefault(numbers.get(str(node), -1 - node), set()).add(node)
    return list(parts.values())


def similarity(one, nodes):
    """Pairs with a common neighbor, by their sets of successors."""
    sets = {node: set(one[node]) for node in range(nodes)}
    found = []
    for a, b in itertools.combinations(range(nodes), 2):
        common = len(sets[a] & sets[b])
        if common > 0 and (a + b) % 4 == 0:
            cosine = common / math.sqrt(len(sets[a]) * len(sets[b]))
            overlap = common / min(len(sets[a]), len(sets[b]))
            found.append([a, b, rounded(common / len(sets[a] | sets[b])), rounded(overlap), rounded(cosine)])
    if not one.is_directed() and nx.number_of_selfloops(one) == 0:
        # networkx leaves a and b themselves out, which differs where loops make a node its own neighbor.
        jaccard = nx.jaccard_coefficient(one, [(a, b) for a, b, *_ in found])
        assert all(abs(theirs[2] - ours[2]) < 1e-9 for theirs, ours in zip(jaccard, found, strict=True))
    return found


def flows(many, nodes, pairs):
    capacities = nx.DiGraph() if many.is_directed() else nx.Graph()
    capacities.add_nodes_from(range(nodes))
    for a, b, weight in many.edges(data="weight"):
        before = capacities[a][b]["capacity"] if capacities.has_edge(a, b) else 0
        capacities.add_edge(a, b, capacity=before + weight)
    return [[a, b, rounded(float(nx.maximum_flow_value(capacities, a, b)))] for a, b in pairs]


def expected(shape, source, target):
    directed, nodes, edges = shape
    many, one = graphs_of(directed, nodes, edges)
    return {
        "directed": directed,
        "nodes": nodes,
        "edges": [[a, b, weight] for a, b, weight in edges],
        "paths": paths(many, one, nodes, source, target),
        "depth_first": depth_first(directed, edges, nodes, source),
        "visits": visits(many, source),
        "acyclic": directed and nx.is_directed_acyclic_graph(many),
        "centralities": centralities(many, one, nodes),
        "structure": structure(many, one, nodes),
        "communities": communities(many, nodes),
        "similarity": similarity(one, nodes),
        "flows": flows(many, nodes, [(source, target), (target, source), (1, 4), (source, nodes - 1)]),
    }


def negative(shape):
    directed, nodes, edges = shape
    many, _ = graphs_of(directed, nodes, edges)
    costs = by_node(nx.single_source_bellman_ford_path_length(many, 0), nodes)
    return {"directed": directed, "nodes": nodes, "edges": edges, "source": 0, "costs": costs}


def acyclic(seed, nodes, edges, chained):
    """Edges lead onward in a shuffled order; a chain through all nodes leaves one order alone."""
    draw = random.Random(seed)
    order = list(range(nodes))
    draw.shuffle(order)
    pairs = {tuple(sorted(draw.sample(range(nodes), 2))) for _ in range(edges)}
    pairs |= set(itertools.pairwise(range(nodes))) if chained else set()
    edges = [(order[a], order[b], 1) for a, b in sorted(pairs, key=lambda _: draw.random())]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from((a, b) for a, b, _ in edges)
    # Both take what became free first; the order is this one alone where a chain leads through all.
    assert not chained or list(nx.lexicographical_topological_sort(graph)) == list(nx.topological_sort(graph)) == order
    return {"directed": True, "nodes": nodes, "edges": edges, "order": list(nx.topological_sort(graph))}


def text():
    found = {
        "karate": expected(classic(nx.karate_club_graph()), 16, 26),
        "les_miserables": expected(classic(nx.les_miserables_graph()), 1, 40),
        "directed": expected(drawn(11, True, 45, 170), 2, 20),
        "undirected": expected(drawn(12, False, 60, 110), 2, 25),
        "dense": expected(drawn(13, True, 25, 300), 4, 18),
    }
    below_zero = {"sparse": negative(with_negative_weights(14, 60, 200)), "tight": negative(with_negative_weights(15, 12, 90))}
    onward = {"sparse": acyclic(16, 50, 90, False), "wide": acyclic(17, 40, 25, False), "chained": acyclic(18, 30, 60, True)}
    lines = ["{"]
    for name, graph in found.items():
        lines.append(f'"{name}": {{')
        lines.append(",\n".join(f'  "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in graph.items()))
        lines.append("},")
    lines.append(f'"below_zero": {json.dumps(below_zero, separators=(",", ":"))},')
    lines.append(f'"acyclic": {json.dumps(onward, separators=(",", ":"))}')
    lines.append("}\n")
    return "\n".join(lines)


def differences(kept, made, place):
    """Where two values are not the same; floats may differ as much as another processor's arithmetic makes them."""
    if isinstance(kept, dict) and isinstance(made, dict) and kept.keys() == made.keys():
        return [one for key in kept for one in differences(kept[key], made[key], f"{place}.{key}")]
    if isinstance(kept, list) and isinstance(made, list) and len(kept) == len(made):
        return [one for at, (a, b) in enumerate(zip(kept, made)) for one in differences(a, b, f"{place}[{at}]")]
    if isinstance(kept, float) and isinstance(made, float):
        return [] if math.isclose(kept, made, rel_tol=1e-9, abs_tol=1e-12) else [f"{place}: {kept}, now {made}"]
    return [] if type(kept) is type(made) and kept == made else [f"{place}: {str(kept)[:80]}, now {str(made)[:80]}"]


def main():
    file = HERE.with_name("expected.json")
    if sys.argv[1:2] != ["--check"]:
        file.write_text(text())
        return
    made = json.loads(text())
    files = [pathlib.Path(name) for name in sys.argv[2:]] or [file]
    found = [one for kept in files for one in differences(json.loads(kept.read_text()), made, kept.stem)]
    print("\n".join(found[:20]) or "expected.json is what networkx finds")
    sys.exit(1 if found else 0)


main()
