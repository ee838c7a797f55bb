//! The table itself, in the order of the guide.

use super::{Algorithm, Argument, Kind, centrality, community, path, structure};
use crate::outcome::{ColumnKind, ColumnSpec};

const fn must(name: &'static str, kind: Kind, meaning: &'static str) -> Argument {
    Argument { name, kind, default: "", required: true, meaning }
}

const fn may(name: &'static str, kind: Kind, default: &'static str, meaning: &'static str) -> Argument {
    Argument { name, kind, default, required: false, meaning }
}

const fn column(name: &'static str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec { name, kind }
}

const STARTS: Argument = must("source", Kind::Nodes, "where it starts");
const SOURCE: Argument = must("source", Kind::Node, "where paths start");
const TARGET: Argument = must("target", Kind::Node, "where paths end");
const UNTIL: Argument = may("target", Kind::Node, "", "over when this node is reached");
const DEPTH: Argument = may("depth", Kind::Count, "", "the most edges from a start");
const SEED: Argument = may("seed", Kind::Seed, "0", "the same seed gives the same result");
const RESOLUTION: Argument = may("resolution", Kind::Number, "1", "above 1 communities are smaller, below it larger");
const ITERATIONS: Argument = may("iterations", Kind::Count, "100", "over after so many");
const DAMPING: Argument = may("damping", Kind::Number, "0.85", "the share of steps that follow an edge");
const TOLERANCE: Argument =
    may("tolerance", Kind::Number, "1e-6", "over when all scores together change by no more; 0 runs all iterations");

const NODE: ColumnSpec = column("node", ColumnKind::Node);
const EDGE: ColumnSpec = column("edge", ColumnKind::Edge);
const ENDS: [ColumnSpec; 2] = [column("source", ColumnKind::Node), column("target", ColumnKind::Node)];
const PATH: &[ColumnSpec] =
    &[column("nodes", ColumnKind::Nodes), column("edges", ColumnKind::Edges), column("cost", ColumnKind::Float)];
const SCORE: &[ColumnSpec] = &[NODE, column("score", ColumnKind::Float)];
const COST: &[ColumnSpec] = &[NODE, column("cost", ColumnKind::Float)];
const DEPTHS: &[ColumnSpec] = &[NODE, column("depth", ColumnKind::Integer)];
const COMPONENT: &[ColumnSpec] = &[NODE, column("component", ColumnKind::Integer)];
const COMMUNITY: &[ColumnSpec] = &[NODE, column("community", ColumnKind::Integer)];

/// Every algorithm.
pub static ALGORITHMS: &[Algorithm] = &[
    Algorithm {
        name: "bfs",
        procedure: "algo.bfs",
        about: "Nodes by the number of edges that lead to them.",
        own: &[STARTS, UNTIL, DEPTH],
        columns: DEPTHS,
        directed: true,
        weighted: false,
        body: path::bfs,
    },
    Algorithm {
        name: "dfs",
        procedure: "algo.dfs",
        about: "Nodes in the order in which a depth-first search enters them.",
        own: &[STARTS, UNTIL, DEPTH],
        columns: DEPTHS,
        directed: true,
        weighted: false,
        body: path::dfs,
    },
    Algorithm {
        name: "shortestPath",
        procedure: "algo.shortestPath.dijkstra",
        about: "A cheapest path; with the fewest edges where they have no weights.",
        own: &[SOURCE, TARGET],
        columns: PATH,
        directed: true,
        weighted: true,
        body: path::cheapest,
    },
    Algorithm {
        name: "dijkstra",
        procedure: "algo.dijkstra",
        about: "What it costs at least to reach each node, where no edge weighs less than zero.",
        own: &[STARTS, UNTIL, may("costMax", Kind::Number, "", "costlier nodes are not reached")],
        columns: COST,
        directed: true,
        weighted: true,
        body: path::distances,
    },
    Algorithm {
        name: "aStar",
        procedure: "algo.shortestPath.aStar",
        about: "A cheapest path, led by coordinates of the nodes.",
        own: &[
            SOURCE,
            TARGET,
            may("x", Kind::Text, "", "the property with a node's first coordinate in a plane"),
            may("y", Kind::Text, "", "the property with its second one"),
            may("longitude", Kind::Text, "", "in the place of x and y: the property with its longitude in degrees"),
            may("latitude", Kind::Text, "", "the property with its latitude in degrees"),
            may(
                "costPerUnit",
                Kind::Number,
                "1",
                "what an edge over one unit of the plane, or one meter, costs at least",
            ),
        ],
        columns: PATH,
        directed: true,
        weighted: true,
        body: path::led,
    },
    Algorithm {
        name: "bellmanFord",
        procedure: "algo.bellmanFord",
        about: "What it costs at least to reach each node, where edges may weigh less than zero.",
        own: &[STARTS],
        columns: COST,
        directed: true,
        weighted: true,
        body: path::bellman,
    },
    Algorithm {
        name: "kShortestPaths",
        procedure: "algo.shortestPath.yens",
        about: "The k cheapest paths without a repeated node.",
        own: &[SOURCE, TARGET, may("k", Kind::Count, "3", "how many")],
        columns: PATH,
        directed: true,
        weighted: true,
        body: path::yens,
    },
    Algorithm {
        name: "allShortestPaths",
        procedure: "algo.allShortestPaths",
        about: "Every path that is as cheap as the cheapest.",
        own: &[SOURCE, TARGET, may("limit", Kind::Count, "1000", "the most paths")],
        columns: PATH,
        directed: true,
        weighted: true,
        body: path::all_shortest,
    },
    Algorithm {
        name: "spanningTree",
        procedure: "algo.spanningTree",
        about: "The edges of a minimum spanning forest, whichever way they point.",
        own: &[may("method", Kind::OneOf(&["kruskal", "prim"]), "kruskal", "how it is found")],
        columns: &[EDGE, ENDS[0], ENDS[1], column("weight", ColumnKind::Float)],
        directed: false,
        weighted: true,
        body: structure::spanning,
    },
    Algorithm {
        name: "components",
        procedure: "algo.components",
        about: "Connected components, whichever way edges point.",
        own: &[],
        columns: COMPONENT,
        directed: false,
        weighted: false,
        body: community::connected,
    },
    Algorithm {
        name: "strongComponents",
        procedure: "algo.strongComponents",
        about: "Strongly connected components: nodes that reach each other.",
        own: &[],
        columns: COMPONENT,
        directed: false,
        weighted: false,
        body: community::strong,
    },
    Algorithm {
        name: "topologicalSort",
        procedure: "algo.topologicalSort",
        about: "Nodes in an order in which every edge leads onward.",
        own: &[],
        columns: &[NODE, column("position", ColumnKind::Integer)],
        directed: false,
        weighted: false,
        body: structure::sorted,
    },
    Algorithm {
        name: "pageRank",
        procedure: "algo.pageRank",
        about: "Where a walker is found who follows edges and now and then jumps anywhere, or to chosen nodes.",
        own: &[ITERATIONS, DAMPING, TOLERANCE, may("sources", Kind::Nodes, "", "where jumps lead")],
        columns: SCORE,
        directed: true,
        weighted: true,
        body: centrality::rank,
    },
    Algorithm {
        name: "personalizedPageRank",
        procedure: "algo.personalizedPageRank",
        about: "PageRank seen from some nodes: jumps lead to them alone.",
        own: &[must("sources", Kind::Nodes, "where jumps lead"), ITERATIONS, DAMPING, TOLERANCE],
        columns: SCORE,
        directed: true,
        weighted: true,
        body: centrality::rank,
    },
    Algorithm {
        name: "degree",
        procedure: "algo.degree",
        about: "How many edges a node has, and what they weigh together.",
        own: &[],
        columns: &[NODE, column("degree", ColumnKind::Integer), column("weight", ColumnKind::Float)],
        directed: true,
        weighted: true,
        body: centrality::degree,
    },
    Algorithm {
        name: "closeness",
        procedure: "algo.closeness",
        about: "How close a node is to those it reaches.",
        own: &[
            may("harmonic", Kind::Boolean, "false", "sums of inverse distances rather than the inverse of their sum"),
            may("byShare", Kind::Boolean, "true", "multiplies by the share of the other nodes that are reached"),
            may("nodes", Kind::Nodes, "", "the nodes that are asked for; all where there are none"),
        ],
        columns: SCORE,
        directed: true,
        weighted: true,
        body: centrality::close,
    },
    Algorithm {
        name: "betweenness",
        procedure: "algo.betweenness",
        about: "The share of shortest paths between others that lead through a node.",
        own: &[
            may("normalized", Kind::Boolean, "false", "divides by the number of pairs of others"),
            may("samples", Kind::Count, "", "looks at paths from so many nodes only, and scales up"),
            SEED,
        ],
        columns: SCORE,
        directed: true,
        weighted: true,
        body: centrality::between,
    },
    Algorithm {
        name: "triangleCount",
        procedure: "algo.triangleCount",
        about: "Triangles that each node is part of, whichever way edges point.",
        own: &[],
        columns: &[NODE, column("triangles", ColumnKind::Integer)],
        directed: false,
        weighted: false,
        body: community::triangle_count,
    },
    Algorithm {
        name: "clusteringCoefficient",
        procedure: "algo.clusteringCoefficient",
        about: "Of the pairs of a node's neighbors the share that is joined.",
        own: &[],
        columns: &[NODE, column("coefficient", ColumnKind::Float)],
        directed: false,
        weighted: false,
        body: community::coefficients,
    },
    Algorithm {
        name: "kCore",
        procedure: "algo.kCore",
        about: "The largest k of whose k-core each node is part.",
        own: &[],
        columns: &[NODE, column("core", ColumnKind::Integer)],
        directed: false,
        weighted: false,
        body: community::cores,
    },
    Algorithm {
        name: "labelPropagation",
        procedure: "algo.labelPropagation",
        about: "Communities by labels that spread to where most neighbors have them.",
        own: &[may("rounds", Kind::Count, "100", "over after so many"), SEED],
        columns: COMMUNITY,
        directed: false,
        weighted: true,
        body: community::propagated,
    },
    Algorithm {
        name: "louvain",
        procedure: "algo.louvain",
        about: "Communities of high modularity.",
        own: &[
            RESOLUTION,
            may("tolerance", Kind::Number, "1e-7", "over when a level raises modularity by no more"),
            may("levels", Kind::Count, "64", "over after so many"),
            SEED,
        ],
        columns: COMMUNITY,
        directed: false,
        weighted: true,
        body: community::by_louvain,
    },
    Algorithm {
        name: "leiden",
        procedure: "algo.leiden",
        about: "Communities of high modularity, each of them connected.",
        own: &[
            RESOLUTION,
            may("rounds", Kind::Count, "2", "how often all levels are gone through"),
            may("randomness", Kind::Number, "0.01", "how freely parts are merged"),
            SEED,
        ],
        columns: COMMUNITY,
        directed: false,
        weighted: true,
        body: community::by_leiden,
    },
    Algorithm {
        name: "nodeSimilarity",
        procedure: "algo.nodeSimilarity",
        about: "Pairs of nodes whose neighbors are the same, the most similar first for each node.",
        own: &[
            may(
                "metric",
                Kind::OneOf(&["jaccard", "overlap", "cosine"]),
                "jaccard",
                "how sets of neighbors are compared",
            ),
            may("top", Kind::Count, "10", "the most pairs a node is first in"),
            may("cutoff", Kind::Number, "0", "less similar pairs are left out"),
            may("degreeMin", Kind::Count, "1", "nodes of fewer neighbors are left out"),
            may("nodes", Kind::Nodes, "", "the nodes that are first in a pair; all where there are none"),
        ],
        columns: &[NODE, column("other", ColumnKind::Node), column("similarity", ColumnKind::Float)],
        directed: true,
        weighted: false,
        body: centrality::similar,
    },
    Algorithm {
        name: "articulationPoints",
        procedure: "algo.articulationPoints",
        about: "Nodes without which a component falls apart, whichever way edges point.",
        own: &[],
        columns: &[NODE],
        directed: false,
        weighted: false,
        body: community::articulation,
    },
    Algorithm {
        name: "bridges",
        procedure: "algo.bridges",
        about: "Edges without which a component falls apart, whichever way edges point.",
        own: &[],
        columns: &[EDGE, ENDS[0], ENDS[1]],
        directed: false,
        weighted: false,
        body: community::bridges,
    },
    Algorithm {
        name: "maxFlow",
        procedure: "algo.maxFlow",
        about: "The most that can run from a source to a target, edges taking no more than their weight.",
        own: &[SOURCE, TARGET],
        columns: &[EDGE, ENDS[0], ENDS[1], column("flow", ColumnKind::Float)],
        directed: true,
        weighted: true,
        body: structure::flow,
    },
    Algorithm {
        name: "randomWalk",
        procedure: "algo.randomWalk",
        about: "Random walks, uniform ones or those of node2vec.",
        own: &[
            may("source", Kind::Nodes, "", "where walks start; at every node where there is none"),
            may("walks", Kind::Count, "1", "walks from each start"),
            may("length", Kind::Count, "80", "the most nodes of a walk"),
            may("returnFactor", Kind::Number, "1", "p: the higher, the less a walk returns to where it just was"),
            may("inOutFactor", Kind::Number, "1", "q: the higher, the closer a walk stays to where it just was"),
            SEED,
        ],
        columns: &[column("nodes", ColumnKind::Nodes)],
        directed: true,
        weighted: true,
        body: structure::walks,
    },
];
