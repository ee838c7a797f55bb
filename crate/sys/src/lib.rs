//! The unsafe the engine needs, and nothing else.
