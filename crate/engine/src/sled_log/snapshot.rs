//! sled's snapshot of its page table: where each page lay when sled was opened last.

use super::varint;

/// Where a page's parts lie in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageTable {
    /// Messages below this are accounted for.
    pub stable: u64,
    /// Page, log sequence number, offset in the file, and whether it is the page's last whole message.
    pub parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub page: u64,
    pub lsn: u64,
    pub offset: usize,
    pub is_base: bool,
}

const TAIL_BYTES: usize = 12;

/// Reads a file `snap.…`; none where it is damaged.
pub(super) fn parse(file: &[u8]) -> Option<PageTable> {
    let (bytes, tail) = file.split_at_checked(file.len().checked_sub(TAIL_BYTES)?)?;
    let crc = u32::from_le_bytes(*tail.last_chunk()?);
    if crc32fast::hash(bytes) != crc {
        return None;
    }
    let mut at = 0;
    let stable = signed(bytes, &mut at)?.checked_sub(1)?;
    varint(bytes, &mut at)?; // the active segment
    let mut table = PageTable { stable, parts: Vec::new() };
    for page in 0.. {
        let Some(&parts) = bytes.get(at) else { break };
        at += 1;
        for index in 0..parts.max(1) {
            let lsn = signed(bytes, &mut at)?;
            let kind = *bytes.get(at)?;
            at += 1;
            let offset = usize::try_from(varint(bytes, &mut at)?).ok()?;
            if kind != 0 {
                return None; // outside the log: never in a store (E16)
            }
            if parts > 0 {
                varint(bytes, &mut at)?; // its bytes
                table.parts.push(Part { page, lsn, offset, is_base: index == 0 });
            }
        }
    }
    Some(table)
}

fn signed(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let number = bytes.get(*at..)?.first_chunk()?;
    *at += number.len();
    Some(u64::from_le_bytes(*number))
}
