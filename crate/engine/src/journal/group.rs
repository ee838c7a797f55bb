//! A group: the records that one write() call takes to the kernel.

use super::record::{self, FrameHead, GROUP, GROUP_BYTES};

/// Records waiting to be written, with room for the group's header in front of them.
#[derive(Default)]
pub(super) struct Group {
    /// Empty, or `GROUP_BYTES` of room and then whole records, all of one segment.
    bytes: Vec<u8>,
    salt: u32,
    /// Head of the first record; its seq, timestamp and chain are the header's.
    first: Option<FrameHead>,
    last_seq: u64,
}

impl Group {
    /// An empty group that reuses a buffer.
    pub(super) fn reuse(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Self { bytes, ..Self::default() }
    }

    /// Makes an empty group one without records: it only tells what is durable.
    pub(super) fn make_mark(&mut self, salt: u32, next: FrameHead) {
        debug_assert!(self.is_empty());
        self.begin(salt, next);
        self.last_seq = next.seq.saturating_sub(1);
    }

    fn begin(&mut self, salt: u32, first: FrameHead) {
        self.bytes.resize(GROUP_BYTES, 0);
        self.first = Some(first);
        self.salt = salt;
    }

    /// Appends a record of the segment with this salt; gives the record's hash.
    pub(super) fn push(&mut self, salt: u32, head: FrameHead, parts: &[&[u8]]) -> u64 {
        if self.first.is_none() {
            self.begin(salt, head);
        }
        debug_assert_eq!(self.salt, salt, "a group lies in one segment");
        self.last_seq = head.seq;
        record::push_record(&mut self.bytes, salt, head, parts)
    }

    /// Fills in the header (E9); `durable` is the seq known durable now.
    pub(super) fn seal(&mut self, durable: u64) {
        if let Some(first) = self.first {
            debug_assert!(durable < first.seq, "a seq is durable only after it was written");
            let header = record::encode_group(self.salt, FrameHead { kind: GROUP, ..first }, durable);
            self.bytes[..GROUP_BYTES].copy_from_slice(&header);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Seq of the last record. Meaningful only when the group is not empty.
    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Gives the buffer back; a single huge record does not keep its memory.
    pub(super) fn into_buffer(mut self, bytes_max: usize) -> Vec<u8> {
        self.bytes.clear();
        self.bytes.shrink_to(bytes_max);
        self.bytes
    }
}
