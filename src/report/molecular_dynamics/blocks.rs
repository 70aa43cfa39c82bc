//! Averages over stretches of a series.

/// Averages over blocks of nearly equal length; at most `count`, and none shorter than one entry.
#[must_use]
pub fn averages(series: &[f64], count: usize) -> Vec<f64> {
    let count = count.min(series.len());
    let edge = |block: usize| block * series.len() / count;
    (0..count)
        .map(|block| {
            let part = &series[edge(block)..edge(block + 1)];
            part.iter().sum::<f64>() / part.len() as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::averages;

    #[test]
    fn every_entry_is_in_one_block() {
        assert_eq!(averages(&[1.0, 3.0, 5.0, 7.0, 9.0], 2), [2.0, 7.0]);
        assert_eq!(averages(&[1.0, 2.0], 5), [1.0, 2.0]);
        assert!(averages(&[], 5).is_empty());
    }
}
