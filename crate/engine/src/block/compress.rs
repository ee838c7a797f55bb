//! The codecs of a block's rows: LZ4, and DEFLATE (RFC 1951) where bytes count more than time.

use lz4_flex::block::{CompressTable, decompress_into};
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::decompress_slice_iter_to_slice;

use super::groups::{self, Cut};
use super::{BLOCK_DEFLATE, BLOCK_LZ4, FORMAT, FORMAT_GROUPED};
use crate::options::Compression;

/// Of a 4 KiB block it leaves two thirds of what LZ4 leaves; higher levels take longer and gain 2 %.
const DEFLATE_LEVEL: i32 = 3;
/// miniz_oxide's words for a raw stream and the usual matching.
const RAW_STREAM: i32 = 0;
const USUAL_STRATEGY: i32 = 0;

/// Compresses blocks, with buffers that serve all of them.
#[derive(Default)]
pub(super) struct Compressor {
    table: CompressTable,
    /// 300 KB, so only for stores that want it.
    deflate: Option<Box<CompressorOxide>>,
    packed: Vec<u8>,
}

impl Compressor {
    /// The compressed payload, the block flag that names its codec and the block's format; `None` when it is not smaller.
    pub fn compress(
        &mut self,
        plain: &[u8],
        prefix_bytes: usize,
        cuts: &[Cut],
        compression: Compression,
    ) -> Option<(&[u8], u8, u8)> {
        let (bytes, flag, format) = match compression {
            Compression::None => return None,
            Compression::Lz4 => {
                let bytes = groups::pack(plain, prefix_bytes, cuts, &mut self.table, &mut self.packed)?;
                (bytes, BLOCK_LZ4, FORMAT_GROUPED)
            }
            Compression::Deflate => (self.deflate(plain)?, BLOCK_DEFLATE, FORMAT),
        };
        (bytes < plain.len()).then(|| (&self.packed[..bytes], flag, format))
    }

    fn deflate(&mut self, plain: &[u8]) -> Option<usize> {
        // What does not fit is not smaller.
        if self.packed.len() < plain.len() {
            self.packed.resize(plain.len(), 0);
        }
        let flags = create_comp_flags_from_zip_params(DEFLATE_LEVEL, RAW_STREAM, USUAL_STRATEGY);
        let deflate = self.deflate.get_or_insert_with(|| Box::new(CompressorOxide::new(flags)));
        deflate.reset();
        let (status, _, bytes) = compress(deflate, plain, &mut self.packed[..plain.len()], TDEFLFlush::Finish);
        (status == TDEFLStatus::Done).then_some(bytes)
    }
}

/// Fills `rows` with what was compressed; `None` when the payload is not of exactly that many bytes.
pub(super) fn decompress(payload: &[u8], flag: u8, rows: &mut [u8]) -> Option<()> {
    let bytes = match flag {
        BLOCK_LZ4 => decompress_into(payload, rows).ok()?,
        BLOCK_DEFLATE => {
            let (is_zlib, ignores_checksum) = (false, true);
            decompress_slice_iter_to_slice(rows, std::iter::once(payload), is_zlib, ignores_checksum).ok()?
        }
        _ if payload.len() == rows.len() => {
            rows.copy_from_slice(payload);
            rows.len()
        }
        _ => return None,
    };
    (bytes == rows.len()).then_some(())
}
