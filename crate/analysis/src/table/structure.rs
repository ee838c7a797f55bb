//! Trees, orders, flows and walks.

use sledstore_algorithm::{RandomWalkOptions, kruskal, max_flow, prim, random_walks, topological_order};

use super::{Call, Outcomes};
use crate::outcome::{Batch, Column, Outcome};

pub(super) fn spanning(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, arguments, proceed| match arguments.text("method") {
        Some("prim") => prim(view, proceed),
        _ => kruskal(view, proceed),
    })?;
    let weights = found.edges.iter().map(|&edge| call.view.weight(edge)).collect();
    let batch = Batch::of_edges(call.csr(), &found.edges, vec![Column::Floats(weights)]);
    Ok(Outcome::whole(batch).with("weight", found.weight).with("trees", found.trees as f64))
}

pub(super) fn sorted(call: &mut Call<'_>) -> Outcomes {
    let order = call.run(|view, _, proceed| topological_order(view, proceed))?;
    let ids = order.iter().map(|&node| call.csr().id_of(node)).collect();
    let places = (0..order.len() as u64).collect();
    Ok(Outcome::whole(Batch { columns: vec![Column::Whole(ids), Column::Whole(places)] }))
}

pub(super) fn flow(call: &mut Call<'_>) -> Outcomes {
    let (source, sink) = (call.node("source")?, call.node("target")?);
    let found = call.run(|view, _, proceed| max_flow(view, source, sink, proceed))?;
    let (edges, flows): (Vec<u32>, Vec<f64>) = found.flows.iter().copied().unzip();
    let batch = Batch::of_edges(call.csr(), &edges, vec![Column::Floats(flows)]);
    Ok(Outcome::whole(batch).with("value", found.value))
}

pub(super) fn walks(call: &mut Call<'_>) -> Outcomes {
    let starts = call.nodes("source")?;
    let found = call.run(|view, arguments, proceed| {
        let options = RandomWalkOptions {
            starts: starts.as_deref(),
            walks: arguments.count("walks").unwrap_or(1),
            length: arguments.count("length").unwrap_or(80),
            return_factor: arguments.float("returnFactor", 1.0),
            in_out_factor: arguments.float("inOutFactor", 1.0),
            seed: arguments.seed(),
        };
        random_walks(view, &options, proceed)
    })?;
    Ok(Outcome::whole(Batch::of_walks(call.csr(), found.iter())))
}
