//! What the graph promises, against comparing everything.
#![allow(clippy::unwrap_used)]

mod answers_are_near;
mod codes_are_fine_enough;
mod damaged_records_are_errors;
mod deleted_slots_leave_no_hole;
mod duplicates_trap_nothing;
mod filters_hold;
mod groups_hold_together;
mod kernels_agree;
mod shared;
mod wrong_input_is_refused;
