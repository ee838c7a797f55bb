//! The vector layer over the real engine, one behavior a file.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test's panic is its report, and it prints its seed

mod common;

mod answers_are_the_nearest;
mod any_data_is_found;
mod attribute_orders_follow_folds;
mod attributes_stay_with_their_vector;
mod builds_miss_nothing;
mod compact_ends;
mod damaged_records_are_left_out;
mod damaged_rows_are_errors;
mod declared_attributes_are_all_there_are;
mod diverse_answers_differ;
mod drifted_vectors_get_new_codes;
mod dropped_index_is_gone;
mod elements_are_stored_as_they_are;
mod exact_codes_need_no_rows;
mod extreme_vectors_have_distances;
mod filter_compares_by_value;
mod filters_and_key_sets;
mod filters_choose_a_way;
mod forced_kernels_agree;
mod graph_matches_a_model;
mod graphs_begin_by_bytes;
mod interrupted_folds_lose_nothing;
mod kept_answers_are_of_their_moment;
mod kernels_match_f64;
mod large_indexes_need_no_memory;
mod listings_tell_what_codes_are;
mod long_keys_fold;
mod mismatched_options_are_refused;
mod pages_follow_each_other;
mod requests_answer_as_calls_do;
mod search_sees_one_snapshot;
mod ties_go_by_key;
mod vectors_join_a_transaction;
mod vectors_survive_reopening;
mod within_a_distance;
mod wrong_input_is_refused;
