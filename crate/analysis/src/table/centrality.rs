//! Scores of nodes.

use sledstore_algorithm::{
    BetweennessOptions, ClosenessOptions, PageRankOptions, Sample, SimilarityMetric, SimilarityOptions, betweenness,
    closeness, degrees, node_similarity, page_rank,
};

use super::{Call, Outcomes, threads};
use crate::outcome::{Batch, Column, Outcome};

fn scores(call: &Call<'_>, scores: &[f64]) -> Outcome {
    let score = |node: u32| scores[node as usize];
    Outcome::whole(Batch::by_node(call.csr(), call.view.nodes(), score, Column::Floats))
}

pub(super) fn rank(call: &mut Call<'_>) -> Outcomes {
    let targets: Option<Vec<(u32, f64)>> =
        call.nodes("sources")?.map(|nodes| nodes.into_iter().map(|node| (node, 1.0)).collect());
    let threads = threads(call);
    let found = call.run(|view, arguments, proceed| {
        let options = PageRankOptions {
            damping: arguments.float("damping", 0.85),
            iterations_max: arguments.count("iterations").unwrap_or(100),
            tolerance: arguments.float("tolerance", 1e-6),
            targets: targets.as_deref(),
            threads,
        };
        page_rank(view, &options, proceed)
    })?;
    let outcome = scores(call, &found.ranks).with("iterations", f64::from(found.iterations));
    Ok(outcome.with("converged", f64::from(u8::from(found.converged))))
}

pub(super) fn degree(call: &mut Call<'_>) -> Outcomes {
    let found = call.run(|view, _, proceed| degrees(view, proceed))?;
    let mut batch = Batch::by_node(call.csr(), call.view.nodes(), |node| found.counts[node as usize], Column::Whole);
    batch.columns.push(Column::Floats(call.view.nodes().map(|node| found.weights[node as usize]).collect()));
    Ok(Outcome::whole(batch))
}

pub(super) fn close(call: &mut Call<'_>) -> Outcomes {
    let of = call.nodes("nodes")?;
    let found = call.run(|view, arguments, proceed| {
        let options = ClosenessOptions {
            harmonic: arguments.boolean("harmonic", false),
            by_share: arguments.boolean("byShare", true),
            of: of.as_deref(),
        };
        closeness(view, &options, proceed)
    })?;
    let Some(of) = of else { return Ok(scores(call, &found)) };
    let score = |node: u32| found[node as usize];
    Ok(Outcome::whole(Batch::by_node(call.csr(), of.into_iter(), score, Column::Floats)))
}

pub(super) fn between(call: &mut Call<'_>) -> Outcomes {
    let threads = threads(call);
    let found = call.run(|view, arguments, proceed| {
        let sample = arguments.count("samples").map(|starts| Sample { starts, seed: arguments.seed() });
        let options = BetweennessOptions { normalized: arguments.boolean("normalized", false), sample, threads };
        betweenness(view, &options, proceed)
    })?;
    Ok(scores(call, &found))
}

pub(super) fn similar(call: &mut Call<'_>) -> Outcomes {
    let of = call.nodes("nodes")?;
    let found = call.run(|view, arguments, proceed| {
        let options = SimilarityOptions {
            metric: match arguments.text("metric") {
                Some("overlap") => SimilarityMetric::Overlap,
                Some("cosine") => SimilarityMetric::Cosine,
                _ => SimilarityMetric::Jaccard,
            },
            top: arguments.count("top").unwrap_or(10) as usize,
            cutoff: arguments.float("cutoff", 0.0),
            degree_min: arguments.count("degreeMin").unwrap_or(1),
            of: of.as_deref(),
        };
        node_similarity(view, &options, proceed)
    })?;
    let id = |node: u32| call.csr().id_of(node);
    Ok(Outcome::whole(Batch {
        columns: vec![
            Column::Whole(found.iter().map(|pair| id(pair.node)).collect()),
            Column::Whole(found.iter().map(|pair| id(pair.other)).collect()),
            Column::Floats(found.iter().map(|pair| pair.similarity).collect()),
        ],
    }))
}
