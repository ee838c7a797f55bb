//! Cores: the k-core is the largest part of a graph in which every node has k neighbors, whichever way edges point.
//!
//! Sources: Stephen B. Seidman, Network structure and minimum degree, 1983; Vladimir Batagelj, Matjaž Zaveršnik, An O(m)
//! algorithm for cores decomposition of networks, 2003. O(n + m) time, 16 n bytes beside rows of distinct neighbors.

use crate::error::Result;
use crate::progress::{Meter, Proceed};
use crate::view::{Direction, View};

/// The largest k of whose k-core each node is part, by node; loops and parallel edges do not count.
///
/// # Errors
/// [`Stopped`](crate::Error::Stopped).
pub fn core_numbers(view: View<'_>, proceed: Proceed<'_>) -> Result<Vec<u32>> {
    let mut meter = Meter::start(proceed, None)?;
    let rows = view.directed(Direction::Both).unweighted().adjacency().simple(f64::max);
    meter.step(rows.nodes.len())?;
    let mut degrees: Vec<u32> = (0..rows.bound() as u32).map(|node| rows.degree(node) as u32).collect();
    // Nodes by what is left of their degree, where each stands, and where each degree begins.
    let most = degrees.iter().copied().max().unwrap_or(0) as usize;
    let mut begins = vec![0_u32; most + 2];
    degrees.iter().for_each(|&degree| begins[degree as usize + 1] += 1);
    crate::csr::sum_up(&mut begins);
    let mut cursors = begins.clone();
    let mut order = vec![0_u32; rows.bound()];
    let mut places = vec![0_u32; rows.bound()];
    for node in 0..rows.bound() {
        let cursor = &mut cursors[degrees[node] as usize];
        order[*cursor as usize] = node as u32;
        places[node] = *cursor;
        *cursor += 1;
    }
    for at in 0..order.len() {
        let node = order[at];
        let degree = degrees[node as usize];
        for &next in rows.row(node) {
            let left = degrees[next as usize];
            if left <= degree {
                continue;
            }
            // To the front of its degree, whose beginning then moves past it.
            let (place, first) = (places[next as usize], begins[left as usize]);
            let other = order[first as usize];
            order.swap(place as usize, first as usize);
            places[next as usize] = first;
            places[other as usize] = place;
            begins[left as usize] += 1;
            degrees[next as usize] -= 1;
        }
        meter.step(rows.degree(node) + 1)?;
    }
    Ok(degrees)
}
