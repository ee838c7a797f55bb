//! The table of algorithms: what each is called, takes and gives, and what runs.
//!
//! | module | holds |
//! |---|---|
//! | `entries` | the table itself |
//! | `path` | searches and paths |
//! | `centrality` | scores of nodes |
//! | `community` | parts of a graph, and what holds it together |
//! | `structure` | trees, orders, flows, walks |

mod centrality;
mod community;
mod entries;
mod path;
mod structure;

use sledstore_algorithm::{Csr, Direction, Error as AlgorithmError, NodeSet, Progress, TypeSet, View};
use sledstore_engine::{Result, Snapshot, Transaction};
use sledstore_graph::Graph;

pub use entries::ALGORITHMS;

use crate::failure::{not_found, of_algorithm};
use crate::outcome::{ColumnSpec, Outcome};
use crate::projection::{Phase, Projection, Report};
use crate::setting::{Checked, Settings};

/// What an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The id of a node.
    Node,
    /// One id, or a list of them.
    Nodes,
    /// A whole number from zero.
    Count,
    /// A number.
    Number,
    /// A whole number of any sign.
    Seed,
    /// True or false.
    Boolean,
    /// Text.
    Text,
    /// Text, or a list of texts.
    Texts,
    /// One of some texts.
    OneOf(&'static [&'static str]),
}

/// Something an algorithm takes.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is when it is left out, as text; empty where nothing is.
    pub default: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub meaning: &'static str,
}

impl Argument {
    pub(crate) fn needs(&self) -> String {
        match self.kind {
            Kind::Node => "the id of a node".to_owned(),
            Kind::Nodes => "the id of a node or a list of ids".to_owned(),
            Kind::Count => "a whole number from zero".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Seed => "a whole number".to_owned(),
            Kind::Boolean => "true or false".to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::Texts => "text or a list of texts".to_owned(),
            Kind::OneOf(choices) => format!("one of {}", choices.join(", ")),
        }
    }
}

const DIRECTION: Argument = Argument {
    name: "direction",
    kind: Kind::OneOf(&["out", "in", "both"]),
    default: "out",
    required: false,
    meaning: "which way edges are followed",
};
const WEIGHT: Argument = Argument {
    name: "weight",
    kind: Kind::Text,
    default: "",
    required: false,
    meaning: "the property that weighs edges; those without such a number weigh 1",
};
const FILTERS: [Argument; 3] = [
    Argument {
        name: "labels",
        kind: Kind::Texts,
        default: "",
        required: false,
        meaning: "labels of which a node must have one; edges at others are left out",
    },
    Argument {
        name: "among",
        kind: Kind::Nodes,
        default: "",
        required: false,
        meaning: "the nodes that count, if they have such a label; others are left out, and the edges at them",
    },
    Argument {
        name: "types",
        kind: Kind::Texts,
        default: "",
        required: false,
        meaning: "types of edges; others are left out",
    },
];

/// An algorithm.
pub struct Algorithm {
    /// What TypeScript calls it.
    pub name: &'static str,
    /// What openCypher calls it.
    pub procedure: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// What it takes beside labels, types, direction and weight.
    pub own: &'static [Argument],
    /// What each row holds.
    pub columns: &'static [ColumnSpec],
    /// Whether it has a direction to choose; else it follows edges as its definition says.
    pub directed: bool,
    /// Whether edges may have weights.
    pub weighted: bool,
    body: fn(&mut Call<'_>) -> Outcomes,
}

/// What a body gives: an error of the algorithm, whose numbers are still to become ids, or one of the store.
type Outcomes = std::result::Result<Outcome, Failed>;

/// Why a body gave nothing.
enum Failed {
    Algorithm(AlgorithmError),
    Store(sledstore_engine::Error),
}

impl From<AlgorithmError> for Failed {
    fn from(error: AlgorithmError) -> Self {
        Self::Algorithm(error)
    }
}

impl From<sledstore_engine::Error> for Failed {
    fn from(error: sledstore_engine::Error) -> Self {
        Self::Store(error)
    }
}

/// Who reads the graph.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    /// A moment, whose projection is shared.
    Snapshot(&'a Snapshot),
    /// A transaction, which has a projection of its own and reads the whole graph by it.
    Transaction(&'a Transaction),
}

/// What a body works with.
struct Call<'a> {
    graph: &'a Graph,
    reader: Reader<'a>,
    view: View<'a>,
    arguments: Checked<'a>,
    report: Report<'a>,
}

impl Call<'_> {
    fn csr(&self) -> &Csr {
        self.view.csr()
    }

    /// The number of a node that must be there.
    fn node(&self, name: &str) -> Result<u32> {
        let id = self.arguments.id(name).unwrap_or_default();
        self.csr().number_of(id).ok_or_else(|| not_found(id))
    }

    fn nodes(&self, name: &str) -> Result<Option<Vec<u32>>> {
        let Some(ids) = self.arguments.ids(name) else { return Ok(None) };
        ids.into_iter().map(|id| self.csr().number_of(id).ok_or_else(|| not_found(id))).collect::<Result<_>>().map(Some)
    }

    /// Runs an algorithm, whose progress is reported.
    fn run<T>(&mut self, f: impl FnOnce(View<'_>, &Checked<'_>, &mut dyn FnMut(Progress) -> bool) -> T) -> T {
        let report = &mut self.report;
        f(self.view, &self.arguments, &mut |progress| report(Phase::Run, progress.done, progress.total))
    }
}

impl Algorithm {
    /// The algorithm of a name, of either kind.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name || algorithm.procedure == name)
    }

    /// All that it takes.
    pub fn arguments(&self) -> impl Iterator<Item = &Argument> {
        let direction = self.directed.then_some(&DIRECTION);
        self.own.iter().chain(&FILTERS).chain(direction).chain(self.weighted.then_some(&WEIGHT))
    }

    pub(crate) fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments().find(|argument| argument.name == name)
    }

    /// Runs it over a graph, at the moment of its reader.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for settings or weights it cannot take, `NOT_FOUND` for a node that is not there, `TOO_LARGE` when
    /// the graph has no room in the memory budget, `ABORTED` when `report` says so, and what a read can meet.
    pub fn run(
        &'static self,
        graph: &Graph,
        reader: Reader<'_>,
        settings: &Settings,
        report: Report<'_>,
    ) -> Result<Outcome> {
        let arguments = Checked::new(self, settings)?;
        let weight = if self.weighted { arguments.text("weight") } else { None };
        let (own, shared);
        let projection: &Projection = match reader {
            Reader::Snapshot(snapshot) => {
                shared = Projection::at(graph, snapshot, weight, &mut *report)?;
                &shared
            }
            Reader::Transaction(tx) => {
                own = Projection::of(graph, tx, weight, &mut *report)?;
                &own
            }
        };
        let filters = Filters::of(projection, graph, reader, &arguments)?;
        let mut view = projection.csr().view();
        if let Some(members) = &filters.members {
            view = view.among(members);
        }
        if let Some(types) = &filters.types {
            view = view.of_types(types);
        }
        if self.directed {
            view = view.directed(match arguments.text("direction") {
                Some("in") => Direction::In,
                Some("both") => Direction::Both,
                _ => Direction::Out,
            });
        }
        let mut call = Call { graph, reader, view, arguments, report };
        (self.body)(&mut call).map_err(|failed| match failed {
            Failed::Algorithm(error) => of_algorithm(&error, Some(projection.csr())),
            Failed::Store(error) => error,
        })
    }
}

struct Filters {
    members: Option<std::sync::Arc<NodeSet>>,
    types: Option<TypeSet>,
}

impl Filters {
    fn of(projection: &Projection, graph: &Graph, reader: Reader<'_>, arguments: &Checked<'_>) -> Result<Self> {
        let labels = arguments.texts("labels");
        let types = arguments.texts("types");
        let members = labels.map(|labels| match reader {
            Reader::Snapshot(snapshot) => projection.members(graph, snapshot, &labels),
            Reader::Transaction(tx) => projection.members(graph, tx, &labels),
        });
        let types = types.map(|types| match reader {
            Reader::Snapshot(snapshot) => projection.types(graph, snapshot, &types),
            Reader::Transaction(tx) => projection.types(graph, tx, &types),
        });
        let mut members = members.transpose()?;
        if let Some(ids) = arguments.ids("among") {
            let mut chosen = NodeSet::with_bound(projection.csr().node_bound());
            for id in ids {
                let node = projection.csr().number_of(id).ok_or_else(|| not_found(id))?;
                if members.as_ref().is_none_or(|members| members.contains(node)) {
                    chosen.insert(node);
                }
            }
            members = Some(chosen.into());
        }
        Ok(Self { members, types: types.transpose()? })
    }
}

/// Threads for what can be shared among them: as many as there are, up to four, where it is worth starting them.
fn threads(call: &Call<'_>) -> usize {
    const EDGES_WORTH_A_THREAD: usize = 50_000;
    let worth = call.csr().edge_count() / EDGES_WORTH_A_THREAD;
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(4).min(worth.max(1))
}
