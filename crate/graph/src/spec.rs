//! An index or constraint that another language asks for: a sequence of MessagePack values.
//!
//! Its name, empty for one that is chosen; 0 for nodes or 1 for edges; its kind, 0 range, 1 unique, 2 existence, 3 key or 4
//! full-text; its label or type, or null; a list of its properties. Of a full-text index, whose label is null, follow a
//! list of its labels or types, k1 and b, each null for what is usual, and a list of stop words.

use sledstore_engine::{Durability, Result};

use crate::build::Progress;
use crate::fields::Fields;
use crate::fulltext::TextOptions;
use crate::graph::Graph;
use crate::index::{Entity, IndexKind};
use crate::property::invalid;
use crate::schema::IndexSpec;

impl Graph {
    /// As [`build_index`](Self::build_index) and [`build_text_index`](Self::build_text_index), out of a buffer.
    ///
    /// # Errors
    /// Those of these two, and `INVALID_ARGUMENT` for a buffer that cannot be read.
    pub fn build_requested(&self, request: &[u8], level: Durability, progress: Progress<'_>) -> Result<bool> {
        let mut fields = Fields::of(request);
        let spec = fields.spec()?;
        let text = if spec.kind == IndexKind::Fulltext { Some(fields.text_options()?) } else { None };
        if !fields.is_done() {
            return Err(invalid("bytes follow the index"));
        }
        match text {
            Some(text) => self.build_text_index(&spec, &text, level, progress),
            None => self.build_index(&spec, level, progress),
        }
    }
}

impl Fields<'_> {
    fn spec(&mut self) -> Result<IndexSpec> {
        let name = self.text()?.to_owned();
        let entity = match self.number()? {
            0 => Entity::Node,
            1 => Entity::Edge,
            other => return Err(invalid(format!("{other} is neither nodes nor edges"))),
        };
        let kind = match self.number()? {
            0 => IndexKind::Range,
            1 => IndexKind::Unique,
            2 => IndexKind::Exists,
            3 => IndexKind::Key,
            4 => IndexKind::Fulltext,
            other => return Err(invalid(format!("{other} is not a kind of index"))),
        };
        let label = self.optional_text()?.map(str::to_owned);
        Ok(IndexSpec { name, entity, label, properties: self.owned_texts()?, kind })
    }

    fn text_options(&mut self) -> Result<TextOptions> {
        let usual = TextOptions::default();
        Ok(TextOptions {
            labels: self.owned_texts()?,
            k1: self.optional_float()?.unwrap_or(usual.k1),
            b: self.optional_float()?.unwrap_or(usual.b),
            stop_words: self.owned_texts()?,
        })
    }

    fn owned_texts(&mut self) -> Result<Vec<String>> {
        Ok(self.texts()?.into_iter().map(str::to_owned).collect())
    }
}
