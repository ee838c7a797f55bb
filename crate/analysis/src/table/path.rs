//! Searches and paths.

use sledstore_algorithm::{
    Coordinates, CostLimits, SearchLimits, a_star, all_shortest_paths, bellman_ford, breadth_first, depth_first,
    dijkstra, k_shortest_paths, shortest_path,
};

use sledstore_engine::Result;
use sledstore_graph::{Graph, NodeId};

use super::{Call, Outcomes, Reader};
use crate::failure::invalid;
use crate::outcome::{Batch, Column, Outcome, Rows};

/// Paths that are made at once.
const PATHS_AT_ONCE: usize = 256;

fn target(call: &Call<'_>) -> Result<Option<u32>> {
    call.arguments.id("target").map(|_| call.node("target")).transpose()
}

fn limits(call: &Call<'_>) -> Result<SearchLimits> {
    Ok(SearchLimits { depth_max: call.arguments.count("depth"), target: target(call)? })
}

fn reached(call: &Call<'_>, order: &[u32], depths: &[u32]) -> Outcome {
    let depth = |node: u32| u64::from(depths[node as usize]);
    Outcome::whole(Batch::by_node(call.csr(), order.iter().copied(), depth, Column::Whole))
}

pub(super) fn bfs(call: &mut Call<'_>) -> Outcomes {
    let (starts, limits) = (call.nodes("source")?.unwrap_or_default(), limits(call)?);
    let found = call.run(|view, _, proceed| breadth_first(view, &starts, limits, proceed))?;
    Ok(reached(call, &found.order, &found.depths))
}

pub(super) fn dfs(call: &mut Call<'_>) -> Outcomes {
    let (starts, limits) = (call.nodes("source")?.unwrap_or_default(), limits(call)?);
    let found = call.run(|view, _, proceed| depth_first(view, &starts, limits, proceed))?;
    Ok(reached(call, &found.entered.order, &found.entered.depths))
}

pub(super) fn distances(call: &mut Call<'_>) -> Outcomes {
    let starts = call.nodes("source")?.unwrap_or_default();
    let limits = CostLimits { cost_max: call.arguments.optional_float("costMax"), target: target(call)? };
    let found = call.run(|view, _, proceed| dijkstra(view, &starts, limits, proceed))?;
    let cost = |node: u32| found.costs[node as usize];
    Ok(Outcome::whole(Batch::by_node(call.csr(), found.order.iter().copied(), cost, Column::Floats)))
}

pub(super) fn bellman(call: &mut Call<'_>) -> Outcomes {
    let starts = call.nodes("source")?.unwrap_or_default();
    let found = call.run(|view, _, proceed| bellman_ford(view, &starts, proceed))?;
    let cost = |node: u32| found.costs[node as usize];
    Ok(Outcome::whole(Batch::by_node(call.csr(), found.order.iter().copied(), cost, Column::Floats)))
}

pub(super) fn cheapest(call: &mut Call<'_>) -> Outcomes {
    let (from, to) = (call.node("source")?, call.node("target")?);
    let found = call.run(|view, _, proceed| {
        if !view.is_weighted() {
            return shortest_path(view, from, to, None, proceed);
        }
        let limits = CostLimits { cost_max: None, target: Some(to) };
        dijkstra(view, &[from], limits, proceed).map(|found| found.path_to(to))
    })?;
    Ok(Outcome::whole(Batch::of_paths(call.csr(), found)))
}

pub(super) fn led(call: &mut Call<'_>) -> Outcomes {
    let (from, to) = (call.node("source")?, call.node("target")?);
    let text = |name| call.arguments.text(name);
    let (across, up, on_earth) = match (text("x"), text("y"), text("longitude"), text("latitude")) {
        (Some(x), Some(y), None, None) => (x, y, false),
        (None, None, Some(longitude), Some(latitude)) => (longitude, latitude, true),
        _ => return Err(invalid("aStar needs the properties x and y, or longitude and latitude").into()),
    };
    let unit = call.arguments.float("costPerUnit", 1.0);
    let (graph, reader, csr) = (call.graph, call.reader, call.view.csr());
    let point = |node: u32| -> Result<(f64, f64)> {
        let id = NodeId(csr.id_of(node));
        let number = |property| number(graph, reader, id, property).map(|number| number.unwrap_or(f64::NAN));
        Ok((number(across)?, number(up)?))
    };
    let end = point(to)?;
    let mut failed = None;
    let mut estimate = |node| {
        // The algorithm refuses what is no number, if it meets the node.
        let here = point(node).unwrap_or_else(|error| {
            failed = Some(error);
            (f64::NAN, f64::NAN)
        });
        let points = &[here, end];
        let coordinates = if on_earth {
            Coordinates::Earth { points, cost_of_meter: unit }
        } else {
            Coordinates::Plane { points, cost_of_unit: unit }
        };
        coordinates.estimate(0, 1)
    };
    let found = call.run(|view, _, proceed| a_star(view, from, to, &mut estimate, proceed));
    if let Some(error) = failed {
        return Err(error.into());
    }
    Ok(Outcome::whole(Batch::of_paths(call.csr(), found?)))
}

fn number(graph: &Graph, reader: Reader<'_>, node: NodeId, property: &str) -> Result<Option<f64>> {
    match reader {
        Reader::Snapshot(snapshot) => graph.node_number(snapshot, node, property),
        Reader::Transaction(tx) => graph.node_number(tx, node, property),
    }
}

pub(super) fn yens(call: &mut Call<'_>) -> Outcomes {
    let (from, to) = (call.node("source")?, call.node("target")?);
    let k = call.arguments.count("k").unwrap_or(3) as usize;
    let found = call.run(|view, _, proceed| k_shortest_paths(view, from, to, k, proceed))?;
    Ok(Outcome::whole(Batch::of_paths(call.csr(), found)))
}

pub(super) fn all_shortest(call: &mut Call<'_>) -> Outcomes {
    let (from, to) = (call.node("source")?, call.node("target")?);
    let found = call.run(|view, _, proceed| all_shortest_paths(view, from, to, proceed))?;
    let Some(found) = found else { return Ok(Outcome::whole(Batch::of_paths(call.csr(), None))) };
    let count = found.count().map_or(f64::NAN, |count| count as f64);
    let most = call.arguments.count("limit").unwrap_or(1_000) as usize;
    // Shares the rows with the projection.
    let (csr, mut paths) = (call.csr().clone(), found.into_iter().take(most));
    let next = move |wanted: usize| {
        let batch = Batch::of_paths(&csr, paths.by_ref().take(wanted.min(PATHS_AT_ONCE)));
        (batch.rows() > 0).then_some(batch)
    };
    Ok(Outcome { rows: Rows::Lazy(Box::new(next)), summary: Vec::new() }.with("count", count))
}
