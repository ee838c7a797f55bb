"""Writes expected.json: what networkx finds on a few graphs, for the tests beside it.

    pip install networkx==3.6.1 scipy && python expected.py

Nodes are numbered from zero; edges are [from, to, weight]. Lists by node are in the order of the numbers.
"""

import itertools
import json
import math
import pathlib
import random

import networkx as nx


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
    best = lambda gamma: max(
        measure(nx.community.louvain_communities(sums, resolution=gamma, seed=seed), gamma) for seed in range(10)
    )
    return {
        "modularity_of_thirds": [[gamma, measure(thirds, gamma)] for gamma in (0.5, 1.0, 1.7)],
        "louvain_modularity": [[gamma, best(gamma)] for gamma in (0.5, 1.0, 1.7)],
    }


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


def main():
    found = {
        "karate": expected(classic(nx.karate_club_graph()), 16, 26),
        "les_miserables": expected(classic(nx.les_miserables_graph()), 1, 40),
        "directed": expected(drawn(11, True, 45, 170), 2, 20),
        "undirected": expected(drawn(12, False, 60, 110), 2, 25),
        "dense": expected(drawn(13, True, 25, 300), 4, 18),
    }
    below_zero = {"sparse": negative(with_negative_weights(14, 60, 200)), "tight": negative(with_negative_weights(15, 12, 90))}
    lines = ["{"]
    for name, graph in found.items():
        lines.append(f'"{name}": {{')
        lines.append(",\n".join(f'  "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in graph.items()))
        lines.append("},")
    lines.append(f'"below_zero": {json.dumps(below_zero, separators=(",", ":"))}')
    lines.append("}\n")
    pathlib.Path(__file__).with_name("expected.json").write_text("\n".join(lines))


main()
