//! The steps that make a store, in order. Forward only: a store that has taken
//! a step this program does not know is refused, not guessed at.

use crate::domain::{StoreError, StoreFault};

/// One step: the same number and name on every engine.
pub(super) struct Step {
    /// 1 for the first, then one more each.
    pub number: i64,
    /// Its statements.
    pub sql: &'static str,
}

/// The steps that `steps` still asks of a store at `version`.
///
/// # Errors
/// [`StoreFault::Newer`] if the store knows more steps than this program.
pub(super) fn missing_steps(
    steps: &'static [Step],
    version: i64,
) -> Result<impl Iterator<Item = &'static Step>, StoreError> {
    let known = steps.last().map_or(0, |step| step.number);
    if version > known {
        return Err(StoreError::new(StoreFault::Newer {
            found: version,
            known,
        }));
    }
    Ok(steps.iter().filter(move |step| step.number > version))
}

#[cfg(test)]
mod tests {
    use super::*;

    static STEPS: [Step; 2] = [
        Step {
            number: 1,
            sql: "first",
        },
        Step {
            number: 2,
            sql: "second",
        },
    ];

    #[test]
    fn a_store_takes_the_steps_it_lacks_and_a_newer_one_is_refused() {
        let cases = [(0, vec![1, 2]), (1, vec![2]), (2, vec![])];
        for (version, expected) in cases {
            let numbers: Vec<i64> = missing_steps(&STEPS, version)
                .unwrap()
                .map(|step| step.number)
                .collect();
            assert_eq!(numbers, expected, "from {version}");
        }
        let error = missing_steps(&STEPS, 3).err().unwrap();
        let newer = StoreFault::Newer { found: 3, known: 2 };
        assert_eq!(error.fault(), &newer);
    }
}
