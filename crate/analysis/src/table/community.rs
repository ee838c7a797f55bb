//! Parts of a graph, and what holds it together.

use sledstore_algorithm::{
    Communities, LabelPropagationOptions, LeidenOptions, LouvainOptions, Partition, clustering, components,
    core_numbers, cuts, label_propagation, leiden, louvain, strong_components, triangles,
};

use super::{Call, Outcomes, threads};
use crate::outcome::{Batch, Column, Outcome};

fn parts(call: &Call<'_>, partition: &Partition) -> Outcome {
    let part = |node: u32| u64::from(partition.parts[node as usize]);
    let batch = Batch::by_node(call.csr(), call.view.nodes(), part, Column::Whole);
    let largest = partition.sizes.iter().copied().max().unwrap_or(0);
    Outcome::whole(batch).with("count", partition.sizes.len() as f64).with("largest", f64::from(largest))
}

fn communities(call: &Call<'_>, found: &Communities) -> Outcome {
    parts(call, &found.partition).with("modularity", found.modularity).with("levels", f64::from(found.levels))
}

pub(super) fn connected(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, _, proceed| components(view, proceed))?;
    Ok(parts(call, &found))
}

pub(super) fn strong(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, _, proceed| strong_components(view, proceed))?;
    Ok(parts(call, &found))
}

pub(super) fn propagated(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, arguments, proceed| {
        let rounds_max = arguments.count("rounds").unwrap_or(100);
        label_propagation(view, &LabelPropagationOptions { rounds_max, seed: arguments.seed() }, proceed)
    })?;
    let outcome = parts(call, &found.partition).with("rounds", f64::from(found.rounds));
    Ok(outcome.with("settled", f64::from(u8::from(found.settled))))
}

pub(super) fn by_louvain(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, arguments, proceed| {
        let options = LouvainOptions {
            resolution: arguments.float("resolution", 1.0),
            tolerance: arguments.float("tolerance", 1e-7),
            levels_max: arguments.count("levels").unwrap_or(64),
            seed: arguments.seed(),
        };
        louvain(view, &options, proceed)
    })?;
    Ok(communities(call, &found))
}

pub(super) fn by_leiden(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, arguments, proceed| {
        let options = LeidenOptions {
            resolution: arguments.float("resolution", 1.0),
            rounds_max: arguments.count("rounds").unwrap_or(2),
            randomness: arguments.float("randomness", 0.01),
            seed: arguments.seed(),
        };
        leiden(view, &options, proceed)
    })?;
    Ok(communities(call, &found))
}

pub(super) fn triangle_count(call: &mut Call<'_>) -> Outcomes {
    let threads = threads(call);
    let found = call.run(|view, _, proceed| triangles(view, threads, proceed))?;
    let batch = Batch::by_node(call.csr(), call.view.nodes(), |node| found.counts[node as usize], Column::Whole);
    Ok(Outcome::whole(batch).with("total", found.total as f64))
}

pub(super) fn coefficients(call: &mut Call<'_>) -> Outcomes {
    let threads = threads(call);
    let found = call.run(|view, _, proceed| clustering(view, threads, proceed))?;
    let batch = Batch::by_node(call.csr(), call.view.nodes(), |node| found.local[node as usize], Column::Floats);
    let outcome = Outcome::whole(batch).with("average", found.average).with("global", found.global);
    Ok(outcome.with("triangles", found.triangles as f64))
}

pub(super) fn cores(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, _, proceed| core_numbers(view, proceed))?;
    let core = |node: u32| u64::from(found[node as usize]);
    let batch = Batch::by_node(call.csr(), call.view.nodes(), core, Column::Whole);
    let most = call.view.nodes().map(|node| found[node as usize]).max().unwrap_or(0);
    Ok(Outcome::whole(batch).with("degeneracy", f64::from(most)))
}

pub(super) fn articulation(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, _, proceed| cuts(view, proceed))?;
    let ids = found.nodes.iter().map(|&node| call.csr().id_of(node)).collect();
    Ok(Outcome::whole(Batch { columns: vec![Column::Whole(ids)] }))
}

pub(super) fn bridges(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, _, proceed| cuts(view, proceed))?;
    Ok(Outcome::whole(Batch::of_edges(call.csr(), &found.edges, Vec::new())))
}
