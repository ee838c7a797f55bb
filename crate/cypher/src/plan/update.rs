//! CREATE, MERGE, SET and REMOVE.

use super::operator::{CreatePlan, Created, MergePlan, Path, Piece, Pipeline, SetPlan};
use super::{Planner, Result};
use crate::ir::{CreatedElement, Creation, Merge, RemoveItem, SetItem};
use crate::storage::NameKind;

impl Planner<'_> {
    pub(super) fn creation(&mut self, creation: &Creation, merged: bool) -> Result<CreatePlan> {
        let mut elements = Vec::with_capacity(creation.elements.len());
        for element in &creation.elements {
            elements.push(match element {
                CreatedElement::Node { slot, labels, properties } => Created::Node {
                    node: self.target(*slot),
                    labels: labels.iter().map(|label| self.name(NameKind::Label, label)).collect(),
                    properties: properties.as_ref().map(|properties| self.compile(properties)).transpose()?,
                },
                CreatedElement::Relationship { slot, source, target, kind, properties } => Created::Relationship {
                    relationship: self.target(*slot),
                    source: self.target(*source),
                    target: self.target(*target),
                    kind: self.name(NameKind::Type, kind),
                    properties: properties.as_ref().map(|properties| self.compile(properties)).transpose()?,
                },
            });
        }
        let paths = creation.paths.iter().map(|path| Path {
            slot: path.slot,
            start: path.start,
            pieces: path.steps.iter().map(|(relationship, _)| Piece::Relationships(*relationship)).collect(),
        });
        Ok(CreatePlan { elements, paths: paths.collect(), merged })
    }

    pub(super) fn merge(&mut self, merge: &Merge) -> Result<MergePlan> {
        let (steps, _) = self.pattern_steps(&merge.pattern, 1.0)?;
        Ok(MergePlan {
            pipeline: Pipeline { steps },
            creation: self.creation(&merge.creation, true)?,
            on_match: self.set_items(&merge.on_match)?,
            on_create: self.set_items(&merge.on_create)?,
        })
    }

    pub(super) fn set_items(&mut self, items: &[SetItem]) -> Result<Vec<SetPlan>> {
        let mut planned = Vec::with_capacity(items.len());
        for item in items {
            planned.push(match item {
                SetItem::Property { target, key, value } => SetPlan::Property {
                    target: self.compile(target)?,
                    key: self.name(NameKind::Key, key),
                    value: self.compile(value)?,
                },
                SetItem::Replace { target, value } => {
                    SetPlan::Properties { target: *target, value: self.compile(value)?, replace: true }
                }
                SetItem::Add { target, value } => {
                    SetPlan::Properties { target: *target, value: self.compile(value)?, replace: false }
                }
                SetItem::Labels { target, labels } => SetPlan::Labels {
                    target: *target,
                    labels: labels.iter().map(|label| self.name(NameKind::Label, label)).collect(),
                },
            });
        }
        Ok(planned)
    }

    pub(super) fn remove_items(&mut self, items: &[RemoveItem]) -> Result<Vec<SetPlan>> {
        let mut planned = Vec::with_capacity(items.len());
        for item in items {
            planned.push(match item {
                RemoveItem::Property { target, key } => {
                    SetPlan::RemoveProperty { target: self.compile(target)?, key: self.name(NameKind::Key, key) }
                }
                RemoveItem::Labels { target, labels } => SetPlan::RemoveLabels {
                    target: *target,
                    labels: labels.iter().map(|label| self.name(NameKind::Label, label)).collect(),
                },
            });
        }
        Ok(planned)
    }
}
